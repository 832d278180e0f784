using System.Diagnostics.CodeAnalysis;

namespace OrdersActors.FrontEnd.Limits;

/// <summary>
/// Limits how many pieces of work run at once; the others wait in order. When thousands of clients reconnect at once,
/// their requests would otherwise fill the thread pool's queue. Every step of every live event would then wait behind
/// all of them.
/// </summary>
/// <remarks>
/// A permit is held until the work ends, but at most for <see cref="MaxHold"/>. Work that takes longer is waiting,
/// perhaps for a silo that has died, and must not block the others. A connection requests one permit at a time, and a
/// few more for a message with many entries, so the number of waiting callers is bounded.
/// </remarks>
[SuppressMessage("Reliability", "CA1001",
    Justification = "A SemaphoreSlim whose wait handle is not used holds nothing to dispose of.")]
internal sealed class ConcurrencyLimiter(int permits, TimeProvider time)
{
    /// <summary>Many times the duration of a grain call on a busy machine.</summary>
    public static readonly TimeSpan MaxHold = TimeSpan.FromMilliseconds(250);

    private readonly SemaphoreSlim _free = new(permits);

    /// <summary>Waits for a permit. The caller disposes of it when its work has ended.</summary>
    public async ValueTask<Permit> AcquireAsync(CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        return new Permit(_free, time);
    }

    /// <summary>The permission to run one piece of work.</summary>
    public sealed class Permit : IDisposable
    {
        private readonly SemaphoreSlim _free;
        private readonly ITimer _expiry;
        private int _isReleased;

        public Permit(SemaphoreSlim free, TimeProvider time)
        {
            _free = free;
            _expiry = time.CreateTimer(
                static permit => ((Permit)permit!).Release(), this, MaxHold, Timeout.InfiniteTimeSpan);
        }

        public void Dispose()
        {
            _expiry.Dispose();
            Release();
        }

        // The work's thread and the timer's thread may both call this; only the first call releases.
        private void Release()
        {
            if (Interlocked.Exchange(ref _isReleased, 1) == 0)
            {
                _free.Release();
            }
        }
    }
}
