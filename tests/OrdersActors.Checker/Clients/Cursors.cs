using OrdersActors.Checker.Judging;

namespace OrdersActors.Checker.Clients;

/// <summary>
/// The client's position per order and in its organization. The client resumes from it, and compares each event with it
/// to notice obvious violations at once. Only <see cref="Judge"/> decides, at the end.
/// </summary>
internal sealed class Cursors(bool wholeOrganization, bool singleOrders)
{
    private readonly Dictionary<int, long> _versions = [];

    /// <summary>The epoch that the numbers belong to; null before a server has named one.</summary>
    public string? Epoch { get; private set; }

    /// <summary>The last sequence received; null if unknown.</summary>
    public long? Sequence { get; private set; }

    /// <summary>The last version received of the order; 0 before the first one.</summary>
    public long VersionOf(int order) => _versions.GetValueOrDefault(order);

    /// <summary>The client resumes from the beginning: the next event must be number one.</summary>
    public void BeginWithAll() => Sequence = 0;

    /// <summary>
    /// The server has named the epoch of the numbers that follow. Numbers of another epoch are meaningless in it.
    /// </summary>
    public void Enter(string? epoch, bool beginAgain)
    {
        Epoch = epoch;
        if (beginAgain)
        {
            Forget();
            BeginWithAll();
        }
    }

    /// <summary>A client that does not resume has a new connection: its first event defines the beginning.</summary>
    public void Forget()
    {
        _versions.Clear();
        Sequence = null;
    }

    /// <summary>Takes an event. Returns null, or a description of the event that was expected instead.</summary>
    public string? Accept(Receipt receipt)
    {
        var (version, sequence) = (_versions.GetValueOrDefault(receipt.Order), Sequence);
        _versions[receipt.Order] = Math.Max(version, receipt.Version);
        Sequence = receipt.Sequence != 0 ? receipt.Sequence : Sequence;
        if (wholeOrganization && singleOrders)
        {
            // The judge decides which of the two subscriptions must deliver the event. A missing version is wrong in
            // both cases.
            return receipt.Version > version + 1 ? $"version {version + 1}" : null;
        }

        return wholeOrganization
            ? sequence is null || receipt.Sequence == sequence + 1 ? null : $"sequence {sequence + 1}"
            : (sequence is null && version == 0) || receipt.Version == version + 1 ? null : $"version {version + 1}";
    }
}
