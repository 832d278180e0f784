using OrdersActors.Checker.Judging;
using OrdersActors.Checker.World;

namespace OrdersActors.Tests.Checker;

/// <summary>
/// A recorded run: two organizations, shop-0 with the orders 0 and 2 and shop-1 with the orders 1 and 3, and events
/// published at the moments 1, 2, 3 …
/// </summary>
internal sealed class SyntheticRun
{
    private readonly List<ClientRecord> _clients = [];
    private readonly long[] _versions = new long[4];

    /// <summary>
    /// Sequences 1 to 6 of shop-0 are the versions 1, 2, 3 and 4 of order 0, with the versions 1 and 2 of order 2 as
    /// the third and fifth.
    /// </summary>
    public SyntheticRun()
    {
        foreach (var order in new[] { 0, 0, 2, 0, 2, 0, 1, 3, 1 })
        {
            Publish(order);
        }
    }

    public List<LedgerEvent> Published { get; } = [];

    public List<TruthEvent>[] Truth { get; } = [[], []];

    public Map Map { get; } = new([new Shop(0, "shop-0", "", ""), new Shop(1, "shop-1", "", "")], 4);

    public CounterExample? Verdict => Judge.Decide(Evidence);

    public Evidence Evidence => new(Map, Published, Truth, _clients)
    {
        Epoch = Epoch,
        Rewrites = Rewrites,
    };

    /// <summary>The epoch of <see cref="Truth"/>.</summary>
    public string? Epoch { get; set; }

    public List<Rewrite> Rewrites { get; } = [];

    public void Publish(int order)
    {
        var number = Published.Count + 1;
        var truth = Truth[order % 2];
        Published.Add(new LedgerEvent($"e-{number}", order % 2, order, (ulong)number, 0, number)
        {
            StartedAt = number,
            Outcome = Outcome.Acknowledged,
        });
        truth.Add(new TruthEvent($"e-{number}", order, ++_versions[order], truth.Count + 1, (ulong)number));
    }

    public ClientRecord Client(bool resumes, bool organization, params int[] orders)
    {
        var client = new ClientRecord
        {
            Name = "client",
            Shop = organization ? 0 : orders[0] % 2,
            Resumes = resumes,
            WholeOrganization = organization,
            Orders = orders,
        };
        _clients.Add(client);
        return client;
    }

    /// <summary>The judge judges this client, too.</summary>
    public void Add(ClientRecord client) => _clients.Add(client);

    /// <summary>Opens a client's next connection, which is the last one until another is opened.</summary>
    public static void Connect(ClientRecord client, long after = 0, long confirmedAt = 0, string? epoch = null)
    {
        if (client.Connections is [.., var before])
        {
            before.LivedToEnd = false;
        }

        client.Connections.Add(new ConnectionRecord
        {
            Number = client.Connections.Count + 1,
            First = client.Receipts.Count,
            ConfirmedAt = confirmedAt,
            OrganizationAfter = after,
            OrganizationFrom = client.WholeOrganization ? client.Receipts.Count : null,
            LivedToEnd = true,
            Epoch = epoch,
        });
    }

    /// <summary>The client receives these events of its organization through the organization.</summary>
    public void Receive(ClientRecord client, params int[] sequences) => client.Receipts.AddRange(
        sequences.Select(s => Truth[client.Shop][s - 1])
            .Select(e => new Receipt(e.Order, e.Version, e.Sequence, e.Content)));

    /// <summary>The client receives these events of an order through the order.</summary>
    public void ReceiveOrder(ClientRecord client, int order, params int[] versions) => client.Receipts.AddRange(
        versions.Select(v => Truth[order % 2].Single(e => e.Order == order && e.Version == v))
            .Select(e => new Receipt(e.Order, e.Version, 0, e.Content)));
}
