namespace OrdersActors.Checker.Judging;

/// <summary>
/// A client with one subscription that does not resume. Each of its connections stands for itself: its first event defines
/// where it begins, which may not be later than the first whose publishing began after the confirmation; from there on there is
/// no hole; and a connection that lives to the end has the last event.
/// </summary>
internal sealed class LiveClientCheck(ClientRecord client, History history)
{
    private readonly string _unit = client.WholeOrganization ? "sequence" : "version";
    private readonly string _scope =
        client.WholeOrganization ? history.Map.Shops[client.Shop].Id : history.Map.Orders[client.Orders[0]];

    public CounterExample? Find() =>
        client.Connections.Select((_, i) => Find(i)).FirstOrDefault(found => found is not null);

    /// <summary>Whether nothing is due any more on the client's last connection.</summary>
    public bool HasReachedEnd() => history.Serves(client.Connections[^1]) && FindEnd(client.Connections[^1], client.Receipts.Count) is null;

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
            ? Wrong(connection, $"{_unit} {due} or an earlier one first, it was published after the confirmation", $"{_unit} {first}")
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
