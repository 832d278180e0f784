using System.Diagnostics.CodeAnalysis;

namespace OrdersActors.FrontEnd.Connections;

/// <summary>
/// Lets a few pieces of work go at a time, the others in the order of asking. When thousands of clients come back at once, what
/// they ask for would otherwise fill the thread pool's queue, and every hop of every live event would wait behind all of it.
/// </summary>
/// <remarks>
/// A turn ends with its work, or after <see cref="LongestTurn"/>: work that still goes on then is waiting for
/// something, a silo that has died perhaps, and must not make everybody wait with it. A connection asks for one turn at
/// a time, and for a few more while it makes many subscriptions at once, so that bounds the queue.
/// </remarks>
[SuppressMessage("Reliability", "CA1001", Justification = "A SemaphoreSlim whose wait handle is not used holds nothing to dispose of.")]
internal sealed class Turns(int count, TimeProvider time)
{
    /// <summary>Many times what a grain call takes on a busy machine.</summary>
    private static readonly TimeSpan LongestTurn = TimeSpan.FromMilliseconds(250);

    private readonly SemaphoreSlim _free = new(count);

    public async Task<T> RunAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        Task<T> running;
        try
        {
            running = work();
            await ((Task)running.WaitAsync(LongestTurn, time, CancellationToken.None)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            _free.Release();
        }

        return await running;
    }
}
