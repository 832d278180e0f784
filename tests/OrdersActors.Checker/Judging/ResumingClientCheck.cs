namespace OrdersActors.Checker.Judging;

/// <summary>
/// Checks a client that resumes from the very beginning. All its connections together must form one stream without gaps
/// or repeats, and the client must have the last event of everything it requested.
/// </summary>
/// <remarks>
/// <para>If the client subscribes to orders and to the organization, an event may come through either. It comes once
/// per connection. On a later connection it may come again through the other subscription, whose cursor cannot know it,
/// and the client drops it.</para>
/// <para>Events through the organization come in the order of their sequence. Only events that the client already has
/// are left out. After the organization is confirmed, an order subscription delivers nothing past the sequence after
/// which the organization began.</para>
/// <para>If history was rewritten, only the connections of the last epoch form the stream, because the client started
/// again there.</para>
/// </remarks>
internal sealed class ResumingClientCheck(ClientRecord client, History history)
{
    private readonly Dictionary<int, long> _versions = [];
    private readonly Dictionary<int, long> _versionsBefore = [];
    private readonly HashSet<(int Order, long Version)> _again = [];
    private long _sequence;

    public CounterExample? Find()
    {
        for (var i = 0; i < client.Connections.Count; i++)
        {
            var connection = client.Connections[i];
            if (!history.Serves(connection))
            {
                if (RewrittenCheck.Find(client, connection, history.Map.Shops[client.Shop].Id) is { } notNotified)
                {
                    return notNotified;
                }

                continue;
            }

            var end = i + 1 < client.Connections.Count ? client.Connections[i + 1].First : client.Receipts.Count;
            _versionsBefore.Clear();
            _again.Clear();
            _sequence = connection.OrganizationAfter;
            for (var receipt = connection.First; receipt < end; receipt++)
            {
                if (Find(connection, receipt) is { } wrong)
                {
                    return wrong;
                }
            }
        }

        var orders = client.WholeOrganization ? history.Map.OrdersOf(history.Map.Shops[client.Shop]) : client.Orders;
        return orders
            .Where(order => VersionOf(order) != history.HeadOfOrder(order))
            .Select(order => Wrong(
                client.Connections.LastOrDefault(), order,
                $"version {history.HeadOfOrder(order)} in the end", $"version {VersionOf(order)} as the last one"))
            .FirstOrDefault();
    }

    private CounterExample? Find(ConnectionRecord connection, int index)
    {
        var receipt = client.Receipts[index];
        return ReceiptCheck.Find(client, connection, receipt, history)
            ?? (receipt.Sequence != 0 ? FindSequence(connection, receipt) : FindOverlap(connection, receipt, index))
            ?? FindVersion(connection, receipt);
    }

    private CounterExample? FindSequence(ConnectionRecord connection, Receipt receipt)
    {
        var shop = history.Map.Shops[client.Shop].Id;
        for (var skipped = _sequence + 1; skipped < receipt.Sequence; skipped++)
        {
            var e = history.AtSequence(client.Shop, skipped);
            if (VersionOf(e.Order) < e.Version)
            {
                return new(client.Name, shop, $"sequence {skipped}", $"sequence {receipt.Sequence}", connection.Number);
            }
        }

        if (receipt.Sequence <= _sequence)
        {
            return new(
                client.Name, shop, $"a sequence past {_sequence}", $"sequence {receipt.Sequence}", connection.Number);
        }

        _sequence = receipt.Sequence;
        return null;
    }

    private CounterExample? FindOverlap(ConnectionRecord connection, Receipt receipt, int index)
    {
        var sequence = history.AtVersion(receipt.Order, receipt.Version)!.Value.Sequence;
        var after = connection.OrganizationAfter;
        return index >= connection.OrganizationFrom && sequence > after
            ? Wrong(
                connection, receipt.Order,
                $"version {receipt.Version} through the organization, which began after sequence {after}",
                $"version {receipt.Version}, sequence {sequence}, through the order")
            : null;
    }

    private CounterExample? FindVersion(ConnectionRecord connection, Receipt receipt)
    {
        var last = VersionOf(receipt.Order);
        if (receipt.Version == last + 1)
        {
            _versionsBefore.TryAdd(receipt.Order, last);
            _versions[receipt.Order] = receipt.Version;
            return null;
        }

        var isDoubled = client.WholeOrganization && client.Orders.Count > 0;
        var isOld = receipt.Version <= _versionsBefore.GetValueOrDefault(receipt.Order, last);
        return isDoubled && isOld && _again.Add((receipt.Order, receipt.Version))
            ? null
            : Wrong(
                connection, receipt.Order,
                $"version {last + 1}", $"version {receipt.Version}{(receipt.Version <= last ? " again" : "")}");
    }

    private long VersionOf(int order) => _versions.GetValueOrDefault(order);

    private CounterExample Wrong(ConnectionRecord? connection, int order, string expected, string got) =>
        new(client.Name, history.Map.Orders[order], expected, got, connection?.Number ?? 0);
}
