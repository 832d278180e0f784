namespace OrdersActors.Checker.Judging;

/// <summary>
/// Checks a client with one subscription that does not resume. Each of its connections is checked alone. The first
/// event may not be later than the first one whose publishing began after the confirmation. From there on there must be
/// no gap. A connection that lives to the end must have the last event.
/// </summary>
internal sealed class LiveClientCheck(ClientRecord client, History history)
{
    private readonly string _unit = client.WholeOrganization ? "sequence" : "version";
    private readonly string _scope =
        client.WholeOrganization ? history.Map.Shops[client.Shop].Id : history.Map.Orders[client.Orders[0]];

    public CounterExample? Find() =>
        client.Connections.Select((_, i) => Find(i)).FirstOrDefault(found => found is not null);

    /// <summary>Whether the client's last connection has received every event of its scope.</summary>
    public bool HasReachedEnd() =>
        history.Serves(client.Connections[^1]) && FindEnd(client.Connections[^1], client.Receipts.Count) is null;

    private CounterExample? Find(int index)
    {
        var connection = client.Connections[index];
        if (!history.Serves(connection))
        {
            return RewrittenCheck.Find(client, connection, _scope);
        }

        var end = index + 1 < client.Connections.Count ? client.Connections[index + 1].First : client.Receipts.Count;
        long? last = null;
        for (var i = connection.First; i < end; i++)
        {
            var number = NumberAt(i);
            var wrong = ReceiptCheck.Find(client, connection, client.Receipts[i], history)
                ?? (last is null ? FindBeginning(connection, number)
                    : number != last + 1 ? Wrong(connection, $"{_unit} {last + 1}", $"{_unit} {number}")
                    : null);
            if (wrong is not null)
            {
                return wrong;
            }

            last = number;
        }

        return connection.LivedToEnd ? FindEnd(connection, end) : null;
    }

    private CounterExample? FindBeginning(ConnectionRecord connection, long first) =>
        FirstDue(connection) is { } due && first > due
            ? Wrong(
                connection, $"{_unit} {due} or an earlier one first, because it was published after the confirmation",
                $"{_unit} {first}")
            : null;

    private CounterExample? FindEnd(ConnectionRecord connection, int end)
    {
        var head = client.WholeOrganization ? history.HeadOfShop(client.Shop) : history.HeadOfOrder(client.Orders[0]);
        if (end == connection.First)
        {
            return FirstDue(connection) is { } due ? Wrong(connection, $"{_unit} {due} to {head}", "nothing") : null;
        }

        var last = NumberAt(end - 1);
        return last == head ? null : Wrong(connection, $"{_unit} {head} in the end", $"{_unit} {last} as the last one");
    }

    private long? FirstDue(ConnectionRecord connection) =>
        connection.ConfirmedAt is { } moment ? history.FirstDueAfter(client, moment) : null;

    private long NumberAt(int receipt) =>
        client.WholeOrganization ? client.Receipts[receipt].Sequence : client.Receipts[receipt].Version;

    private CounterExample Wrong(ConnectionRecord connection, string expected, string got) =>
        new(client.Name, _scope, expected, got, connection.Number);
}
