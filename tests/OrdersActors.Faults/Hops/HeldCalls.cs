using System.Collections.Concurrent;

namespace OrdersActors.Faults.Hops;

/// <summary>
/// Calls that are held back until the next call to the same target, or for a limited time, so that none is lost.
/// </summary>
internal sealed class HeldCalls
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(300);

    private readonly ConcurrentDictionary<(GrainId, FeedKey, string), RepeatedCall> _held = new();

    /// <summary>Holds a call back. Returns false if one is already held.</summary>
    public bool TryHold(RepeatedCall call)
    {
        if (!_held.TryAdd(call.Target, call))
        {
            return false;
        }

        // Not on the sender's scheduler, which may be gone by then.
        _ = Task.Run(async () =>
        {
            await Task.Delay(Longest);
            await ReleaseAsync(call.Target, call);
        });
        return true;
    }

    /// <summary>Makes the call that is held for this target, if there is one.</summary>
    public Task ReleaseAsync((GrainId, FeedKey, string) target) =>
        _held.TryGetValue(target, out var call) ? ReleaseAsync(target, call) : Task.CompletedTask;

    private Task ReleaseAsync((GrainId, FeedKey, string) target, RepeatedCall call) =>
        _held.TryRemove(new(target, call)) ? call.RunAsync() : Task.CompletedTask;
}
