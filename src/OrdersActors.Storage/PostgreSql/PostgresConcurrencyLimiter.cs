using System.Diagnostics.CodeAnalysis;
using OrdersActors.Storage.EventLog;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>Limits how many operations of one kind run at the same time. The others wait for a permit.</summary>
[SuppressMessage(
    "Reliability",
    "CA1001",
    Justification = "A semaphore holds no resources, and reads may end after the log was closed.")]
internal sealed class PostgresConcurrencyLimiter(int permits, TimeSpan timeout, TimeProvider time)
{
    private readonly SemaphoreSlim _permits = new(permits);

    /// <summary>Waits for a permit, with a timeout, and then runs the work.</summary>
    /// <exception cref="EventLogUnavailableException">
    /// No permit became free in time, or the database failed.
    /// </exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        await WaitAsync(cancellationToken);
        using var permit = new Permit(_permits);
        try
        {
            return await work();
        }
        catch (Exception e) when (PostgresErrors.IsDatabase(e))
        {
            throw PostgresErrors.ToUnavailable(e);
        }
        catch (ObjectDisposedException)
        {
            throw LogUnavailable.Stopping();
        }
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // Usually a permit is free, and no timer is needed.
        if (!_permits.Wait(0, CancellationToken.None))
        {
            await TimedWait.RunAsync(
                _permits.WaitAsync,
                timeout,
                time,
                () => $"no connection to PostgreSQL became free for {LogUnavailable.Seconds(timeout)}",
                cancellationToken);
        }
    }

    private sealed class Permit(SemaphoreSlim permits) : IDisposable
    {
        public void Dispose() => permits.Release();
    }
}
