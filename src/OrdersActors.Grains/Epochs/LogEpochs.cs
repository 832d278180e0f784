using System.Collections.Concurrent;
using OrdersActors.Storage;

namespace OrdersActors.Grains.Epochs;

/// <summary>
/// Decides whether an epoch that came in a message is the log's current epoch. A silo learns of a new epoch within
/// about one second, so silos may disagree for that long. An epoch that this silo does not know is either newer than
/// its own, or ended before this silo started.
/// </summary>
/// <remarks>
/// For an unknown epoch this class waits for the silo's log to follow, at most <see cref="Deadlines.EpochLag"/>, which
/// is twice the time that a log takes to learn of a new epoch. If the log does not follow in time, the epoch counts as
/// ended. This decision is not final: each check compares with the log's current epoch first.
/// <para><b>Thread-safe.</b> Two threads that see a new epoch at the same time both record that the last one has ended,
/// which does no harm. A thread that read the log's epoch right before it changed may record the new one as ended. That
/// does no harm either, because of the first comparison; the next caller corrects <c>_last</c>.</para>
/// </remarks>
internal sealed class LogEpochs(IEventLog log, TimeProvider time)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    // An epoch begins after a failover or a restore. More than this number in the life of a process indicates a fault.
    // Clearing the list costs only a wait for each ended epoch that is seen again.
    private const int MaxRemembered = 100;

    private readonly ConcurrentDictionary<string, byte> _ended = new();
    private volatile string _last = log.Epoch;

    /// <summary>The epoch of the log, from this silo's point of view.</summary>
    public string Current
    {
        get
        {
            var epoch = log.Epoch;
            var last = _last;
            if (epoch != last)
            {
                _last = epoch;
                MarkEnded(last);
            }

            return epoch;
        }
    }

    /// <summary>Whether this is the log's epoch. True for null, which a previous version sends.</summary>
    public ValueTask<bool> IsCurrentAsync(string? epoch) => epoch is null || epoch == Current
        ? ValueTask.FromResult(true)
        : _ended.ContainsKey(epoch) ? ValueTask.FromResult(false) : FollowAsync(epoch);

    private async ValueTask<bool> FollowAsync(string epoch)
    {
        var startedAt = time.GetTimestamp();
        while (time.GetElapsedTime(startedAt) < Deadlines.EpochLag)
        {
            await Task.Delay(Poll, time);
            if (epoch == Current)
            {
                return true;
            }

            if (_ended.ContainsKey(epoch))
            {
                return false;
            }
        }

        MarkEnded(epoch);
        return false;
    }

    private void MarkEnded(string epoch)
    {
        if (_ended.Count >= MaxRemembered)
        {
            _ended.Clear();
        }

        _ended.TryAdd(epoch, 0);
    }
}
