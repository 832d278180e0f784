using System.Collections.Concurrent;

namespace OrdersActors.Faults.Hops;

/// <summary>Calls that are held back until the next one to the same target, or for a while, so that none is lost.</summary>
internal sealed class HeldCalls
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(300);

    private readonly ConcurrentDictionary<(GrainId, FeedKey, string), RepeatedCall> _held = new();

    /// <summary>Holds a call back. False where one is being held already.</summary>
    public bool TryHold(RepeatedCall call)
    {
        if (!_held.TryAdd(call.Target, call))
        {
            return false;
        }

        // Not on the sender's scheduler: it may be gone by then.
        _ = Task.Run(async () =>
        {
            await Task.Delay(Longest);
            await ReleaseAsync(call.Target, call);
        });
        return true;
    }

    /// <summary>Makes the call that is being held for this target, if there is one.</summary>
    public Task ReleaseAsync((GrainId, FeedKey, string) target) =>
        _held.TryGetValue(target, out var call) ? ReleaseAsync(target, call) : Task.CompletedTask;

    private Task ReleaseAsync((GrainId, FeedKey, string) target, RepeatedCall call) =>
        _held.TryRemove(new(target, call)) ? call.RunAsync() : Task.CompletedTask;
}
