using System.Diagnostics.CodeAnalysis;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>Limits how many operations of one kind run at the same time. The others wait for a slot.</summary>
[SuppressMessage(
    "Reliability",
    "CA1001",
    Justification = "A semaphore holds no resources, and reads may end after the log was closed.")]
internal sealed class PostgresTurns(int count, TimeSpan patience, TimeProvider time)
{
    private readonly SemaphoreSlim _turns = new(count);

    /// <summary>
    /// Waits for a slot without a timeout: the operations before it are bounded by their command timeouts.
    /// </summary>
    public async Task<IDisposable> TakeAsync()
    {
        await _turns.WaitAsync();
        return new Turn(_turns);
    }

    /// <summary>Waits for a slot, with a timeout, and then runs the work.</summary>
    /// <exception cref="EventLogUnavailableException">No slot became free in time, or the database failed.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        await WaitAsync(cancellationToken);
        using var turn = new Turn(_turns);
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
            throw new EventLogUnavailableException("the event log is unavailable: the server is stopping");
        }
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // Usually a slot is free, and no timer is needed.
        if (_turns.Wait(0, CancellationToken.None))
        {
            return;
        }

        using var timeout = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await _turns.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EventLogUnavailableException(
                "the event log is unavailable: no connection to PostgreSQL became free for " +
                $"{patience.TotalSeconds:0.#} s");
        }
    }

    private sealed class Turn(SemaphoreSlim turns) : IDisposable
    {
        public void Dispose() => turns.Release();
    }
}
