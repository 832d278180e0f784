using System.Diagnostics.CodeAnalysis;

namespace OrdersActors.FrontEnd.Connections;

/// <summary>
/// Limits how many pieces of work run at once; the others wait in order. When thousands of clients reconnect at once,
/// their requests would otherwise fill the thread pool's queue. Every step of every live event would then wait behind
/// all of them.
/// </summary>
/// <remarks>
/// A turn ends with its work, or after <see cref="LongestTurn"/>. Work that takes longer is waiting, perhaps for a silo
/// that has died, and must not block the others. A connection requests one turn at a time, and a few more for a message
/// with many entries, so the queue is bounded.
/// </remarks>
[SuppressMessage("Reliability", "CA1001",
    Justification = "A SemaphoreSlim whose wait handle is not used holds nothing to dispose of.")]
internal sealed class Turns(int count, TimeProvider time)
{
    /// <summary>Many times the duration of a grain call on a busy machine.</summary>
    private static readonly TimeSpan LongestTurn = TimeSpan.FromMilliseconds(250);

    private readonly SemaphoreSlim _free = new(count);

    public async Task<T> RunAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        Task<T> running;
        try
        {
            running = work();
            await ((Task)running.WaitAsync(LongestTurn, time, CancellationToken.None))
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            _free.Release();
        }

        return await running;
    }
}
