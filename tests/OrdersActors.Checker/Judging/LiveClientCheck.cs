namespace OrdersActors.Checker.Judging;

/// <summary>
/// A client with one subscription that does not resume. Each of its connections stands for itself: its first event defines
/// where it begins, which may not be later than the first whose publishing began after the confirmation; from there on there is
/// no hole; and a connection that lives to the end has the last event.
/// </summary>
internal static class LiveClientCheck
{
    public static CounterExample? Find(ClientRecord client, History history) =>
        client.Connections
            .Select((connection, i) => Find(client, connection, EndOf(client, i), history))
            .FirstOrDefault(found => found is not null);

    /// <summary>Whether nothing is due to the client any more.</summary>
    public static bool HasReachedEnd(ClientRecord client, ConnectionRecord connection, History history) =>
        FindEnd(client, connection, client.Receipts.Count, history) is null;

    private static int EndOf(ClientRecord client, int connection) =>
        connection + 1 < client.Connections.Count ? client.Connections[connection + 1].First : client.Receipts.Count;

    private static CounterExample? Find(ClientRecord client, ConnectionRecord connection, int end, History history)
    {
        long? last = null;
        for (var i = connection.First; i < end; i++)
        {
            var receipt = client.Receipts[i];
            if (ReceiptCheck.Find(client, connection, receipt, history) is { } wrong)
            {
                return wrong;
            }

            var number = NumberOf(client, receipt);
            if (last is not null && number != last + 1)
            {
                return Wrong(client, connection, history, $"{Unit(client)} {last + 1}", $"{Unit(client)} {number}");
            }

            last = number;
        }

        if (connection.ConfirmedAt is { } confirmedAt && end > connection.First
            && history.FirstDueAfter(client, confirmedAt) is { } due && NumberOf(client, client.Receipts[connection.First]) is var first && first > due)
        {
            return Wrong(
                client, connection, history, $"{Unit(client)} {due} or an earlier one first, it was published after the confirmation", $"{Unit(client)} {first}");
        }

        return connection.LivedToEnd ? FindEnd(client, connection, end, history) : null;
    }

    private static CounterExample? FindEnd(ClientRecord client, ConnectionRecord connection, int end, History history)
    {
        var head = client.WholeOrganization ? history.HeadOfShop(client.Shop) : history.HeadOfOrder(client.Orders[0]);
        if (end == connection.First)
        {
            return connection.ConfirmedAt is { } confirmedAt && history.FirstDueAfter(client, confirmedAt) is { } due
                ? Wrong(client, connection, history, $"{Unit(client)} {due} to {head}", "nothing")
                : null;
        }

        var last = NumberOf(client, client.Receipts[end - 1]);
        return last == head ? null : Wrong(client, connection, history, $"{Unit(client)} {head} in the end", $"{Unit(client)} {last} as the last one");
    }

    private static long NumberOf(ClientRecord client, Receipt receipt) => client.WholeOrganization ? receipt.Sequence : receipt.Version;

    private static string Unit(ClientRecord client) => client.WholeOrganization ? "sequence" : "version";

    private static CounterExample Wrong(ClientRecord client, ConnectionRecord connection, History history, string expected, string got) =>
        new(client.Name, client.WholeOrganization ? history.Map.Shops[client.Shop].Id : history.Map.Orders[client.Orders[0]], expected, got, connection.Number);
}
