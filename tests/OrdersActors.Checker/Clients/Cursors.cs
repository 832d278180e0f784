using OrdersActors.Checker.Judging;

namespace OrdersActors.Checker.Clients;

/// <summary>
/// How far a client is, by order and in its organization: what it resumes from, and what it looks at to notice at once
/// that something is wrong. The whole truth is told only in the end, by <see cref="Judge"/>.
/// </summary>
internal sealed class Cursors(bool wholeOrganization, bool singleOrders)
{
    private readonly Dictionary<int, long> _versions = [];

    /// <summary>The epoch that the numbers belong to; null before a server has named one.</summary>
    public string? Epoch { get; private set; }

    /// <summary>The last sequence received; null where nothing is known yet.</summary>
    public long? Sequence { get; private set; }

    /// <summary>The order's last version received; 0 where there is none.</summary>
    public long VersionOf(int order) => _versions.GetValueOrDefault(order);

    /// <summary>From here on the client resumes: the first event must be number one.</summary>
    public void BeginWithAll() => Sequence = 0;

    /// <summary>The server has named the epoch of the numbers that follow. Numbers of another epoch mean nothing in it.</summary>
    public void Enter(string? epoch, bool beginAgain)
    {
        Epoch = epoch;
        if (beginAgain)
        {
            Forget();
            BeginWithAll();
        }
    }

    /// <summary>A new connection of a client that does not resume: what comes first defines the beginning.</summary>
    public void Forget()
    {
        _versions.Clear();
        Sequence = null;
    }

    /// <summary>Takes an event. Null, or what was expected instead.</summary>
    public string? Accept(Receipt receipt)
    {
        var (version, sequence) = (_versions.GetValueOrDefault(receipt.Order), Sequence);
        _versions[receipt.Order] = Math.Max(version, receipt.Version);
        Sequence = receipt.Sequence != 0 ? receipt.Sequence : Sequence;
        if (wholeOrganization && singleOrders)
        {
            // By which of the two an event comes is for the judge; a version that is missing is wrong either way.
            return receipt.Version > version + 1 ? $"version {version + 1}" : null;
        }

        return wholeOrganization
            ? sequence is null || receipt.Sequence == sequence + 1 ? null : $"sequence {sequence + 1}"
            : (sequence is null && version == 0) || receipt.Version == version + 1 ? null : $"version {version + 1}";
    }
}
