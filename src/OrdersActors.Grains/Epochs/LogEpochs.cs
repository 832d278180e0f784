using System.Collections.Concurrent;
using OrdersActors.Storage;

namespace OrdersActors.Grains.Epochs;

/// <summary>
/// Decides whether an epoch that came in a message is the log's. A silo learns of a new epoch within about a second, so
/// for that long silos disagree, and an epoch that this silo does not know is either newer than its own or has ended
/// before it started.
/// </summary>
/// <remarks>
/// An unknown epoch is decided by waiting until this silo's log has followed (<see cref="LongestLag"/>); if it has not,
/// the epoch counts as ended. That verdict is never final: the log's own epoch is compared first. Thread-safe.
/// </remarks>
internal sealed class LogEpochs(IEventLog log, TimeProvider time)
{
    /// <summary>Twice what a log takes to learn of a new epoch.</summary>
    private static readonly TimeSpan LongestLag = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    // An epoch begins after a failover or a restore. So many in the life of a process mean a fault, and forgetting
    // costs a wait.
    private const int MaxRemembered = 100;

    private readonly ConcurrentDictionary<string, byte> _ended = new();
    private volatile string _last = log.Epoch;

    /// <summary>The epoch of the log, as this silo knows it.</summary>
    public string Current
    {
        get
        {
            var epoch = log.Epoch;
            var last = _last;
            if (epoch != last)
            {
                _last = epoch;
                Ended(last);
            }

            return epoch;
        }
    }

    /// <summary>Whether this is the log's epoch. Null, from a previous version, always is.</summary>
    public ValueTask<bool> IsCurrentAsync(string? epoch) => epoch is null || epoch == Current
        ? ValueTask.FromResult(true)
        : _ended.ContainsKey(epoch) ? ValueTask.FromResult(false) : FollowAsync(epoch);

    private async ValueTask<bool> FollowAsync(string epoch)
    {
        var startedAt = time.GetTimestamp();
        while (time.GetElapsedTime(startedAt) < LongestLag)
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

        Ended(epoch);
        return false;
    }

    private void Ended(string epoch)
    {
        if (_ended.Count >= MaxRemembered)
        {
            _ended.Clear();
        }

        _ended.TryAdd(epoch, 0);
    }
}
