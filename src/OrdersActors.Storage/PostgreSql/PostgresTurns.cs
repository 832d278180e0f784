using System.Diagnostics.CodeAnalysis;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>How many of a kind of work go at the same time. The others wait their turn.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A semaphore holds nothing, and reads may end after the log was closed.")]
internal sealed class PostgresTurns(int count, TimeSpan patience, TimeProvider time)
{
    private readonly SemaphoreSlim _turns = new(count);

    /// <summary>Waits for a turn as long as it takes: those before it are bounded by their commands' timeouts.</summary>
    public async Task<IDisposable> TakeAsync()
    {
        await _turns.WaitAsync();
        return new Turn(_turns);
    }

    /// <summary>Waits for a turn, and not for ever, and does the work.</summary>
    /// <exception cref="EventLogUnavailableException">No turn came in time, or the database failed.</exception>
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
        // Most often there is one, and no timer is needed.
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
                $"the event log is unavailable: no connection to PostgreSQL became free for {patience.TotalSeconds:0.#} s");
        }
    }

    private sealed class Turn(SemaphoreSlim turns) : IDisposable
    {
        public void Dispose() => turns.Release();
    }
}
