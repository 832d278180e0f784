using OrdersActors.Checker.World;

namespace OrdersActors.Checker.Judging;

/// <summary>A verified history, indexed for lookups.</summary>
internal sealed class History
{
    private readonly IReadOnlyList<TruthEvent>[] _bySequence;
    private readonly List<TruthEvent>[] _byVersion;
    private readonly DueTimes[] _dueOfShop;
    private readonly DueTimes[] _dueOfOrder;

    public History(Evidence evidence)
    {
        Map = evidence.Map;
        Epoch = evidence.Epoch;
        _bySequence = [.. evidence.Truth];
        _byVersion = [.. Map.Orders.Select(_ => new List<TruthEvent>())];
        foreach (var e in evidence.Truth.SelectMany(events => events))
        {
            _byVersion[e.Order].Add(e);
        }

        var starts = evidence.Published.Where(e => e.Outcome is Outcome.Acknowledged)
            .ToDictionary(e => e.Id, e => e.StartedAt);
        _dueOfShop = [.. evidence.Truth.Select(events => new DueTimes(events, e => e.Sequence, starts))];
        _dueOfOrder = [.. _byVersion.Select(events => new DueTimes(events, e => e.Version, starts))];
    }

    public Map Map { get; }

    /// <summary>The epoch of this history; null if the server named none.</summary>
    public string? Epoch { get; }

    /// <summary>Whether a connection was served from this history, and not from one that was rewritten later.</summary>
    public bool Serves(ConnectionRecord connection) =>
        connection.Epoch is null || Epoch is null || connection.Epoch == Epoch;

    public long HeadOfShop(int shop) => _bySequence[shop].Count;

    public long HeadOfOrder(int order) => _byVersion[order].Count;

    public TruthEvent AtSequence(int shop, long sequence) => _bySequence[shop][(int)sequence - 1];

    /// <summary>The event; null if the log has no event with that number.</summary>
    public TruthEvent? AtVersion(int order, long version) =>
        version >= 1 && version <= _byVersion[order].Count ? _byVersion[order][(int)version - 1] : null;

    /// <summary>
    /// The lowest number, in the client's one scope, of an acknowledged event whose publishing began after this moment;
    /// null if no event is due.
    /// </summary>
    public long? FirstDueAfter(ClientRecord client, long moment) =>
        (client.WholeOrganization ? _dueOfShop[client.Shop] : _dueOfOrder[client.Orders[0]]).FirstAfter(moment);
}
