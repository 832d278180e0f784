namespace OrdersActors.Checker.Judging;

/// <summary>The rules for every single event that a client receives.</summary>
internal static class ReceiptCheck
{
    public static CounterExample? Find(
        ClientRecord client, ConnectionRecord connection, Receipt receipt, History history)
    {
        var map = history.Map;
        var order = map.Orders[receipt.Order];
        CounterExample Wrong(string expected, string got) => new(client.Name, order, expected, got, connection.Number);

        if (map.ShopOf(receipt.Order).Index != client.Shop)
        {
            return Wrong($"events of {map.Shops[client.Shop].Id} only", $"one of {map.ShopOf(receipt.Order).Id}");
        }

        if (!client.WholeOrganization && !client.Orders.Contains(receipt.Order))
        {
            return Wrong("events of the orders it asked for", $"version {receipt.Version} of another");
        }

        if (receipt.Sequence != 0 ? !client.WholeOrganization : client.Orders.Count == 0)
        {
            return Wrong(
                "a sequence only on events through the organization", $"version {receipt.Version} against this rule");
        }

        if (history.AtVersion(receipt.Order, receipt.Version) is not { } truth)
        {
            return Wrong("an event of the log", $"version {receipt.Version}, which is not in the log");
        }

        return truth.Content != receipt.Content
            ? Wrong($"version {receipt.Version} as it was published", "other content")
            : receipt.Sequence != 0 && receipt.Sequence != truth.Sequence
                ? Wrong($"sequence {truth.Sequence} on version {truth.Version}", $"sequence {receipt.Sequence}")
            : null;
    }
}
