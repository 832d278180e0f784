using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using OrdersActors.Storage.EventLog;

namespace OrdersActors.Storage.Sqlite;

/// <summary>
/// The reading connections. SQLite blocks its caller, so queries of many rows run on other threads of the pool, a few
/// at a time. Further queries wait for a permit. Live reads do not wait: an agent's read of its partition must not wait
/// behind a thousand clients that reconnect at once. Each partition has one agent, which makes one request at a time,
/// so live reads need no limit.
/// </summary>
internal sealed class SqliteReaders(SqliteDatabase database) : IDisposable
{
    // Reads from the page cache take tens of microseconds, so eight at a time are enough for replays beside the agents'
    // reads.
    private const int MaxConcurrent = 8;

    // Not disposed: a semaphore holds no resources, and queries may end after the close.
    private readonly SemaphoreSlim _permits = new(MaxConcurrent);
    private readonly ConcurrentBag<SqliteReader> _idle = [];
    private int _isClosed;

    public Task<T> ReadAsync<T>(Func<SqliteReader, T> query, CancellationToken cancellationToken) =>
        WithPermitAsync(() => ReadLiveAsync(query), cancellationToken);

    /// <summary>
    /// Reads on the caller's thread; for a query of a few rows by a key. It takes 10 µs from the page cache, and a
    /// change of the thread would take longer. A read of a slow disk blocks the caller as it would block another
    /// thread of the pool.
    /// </summary>
    public Task<T> ReadShortAsync<T>(Func<SqliteReader, T> query, CancellationToken cancellationToken) =>
        WithPermitAsync(() => Task.FromResult(Read(query)), cancellationToken);

    /// <summary>Reads without waiting for a permit; for the agents.</summary>
    public Task<T> ReadLiveAsync<T>(Func<SqliteReader, T> query) =>
        Task.Run(() => Read(query), CancellationToken.None);

    /// <summary>Closes the idle connections now, and the others when their queries have ended.</summary>
    public void Dispose()
    {
        Interlocked.Exchange(ref _isClosed, 1);
        CloseIdle();
    }

    private async Task<T> WithPermitAsync<T>(Func<Task<T>> read, CancellationToken cancellationToken)
    {
        await _permits.WaitAsync(cancellationToken);
        try
        {
            return await read();
        }
        finally
        {
            _permits.Release();
        }
    }

    private bool IsClosed() => Interlocked.CompareExchange(ref _isClosed, 0, 0) == 1;

    private void CloseIdle()
    {
        while (_idle.TryTake(out var reader))
        {
            reader.Dispose();
        }
    }

    private T Read<T>(Func<SqliteReader, T> query)
    {
        if (IsClosed())
        {
            throw LogUnavailable.Stopping();
        }

        SqliteReader? reader = null;
        try
        {
            if (!_idle.TryTake(out reader))
            {
                reader = new SqliteReader(database.Open());
            }

            var result = query(reader);
            _idle.Add(reader);
            // Dispose may have closed the idle connections while the query ran. Each side first writes and then reads,
            // with a fence in between, so at least one of them closes this connection.
            if (IsClosed())
            {
                CloseIdle();
            }

            return result;
        }
        catch (SqliteException e)
        {
            // The connection itself may be broken, so the next read opens another one.
            reader?.Dispose();
            database.Report(e);
            throw SqliteErrors.ToUnavailable(e);
        }
    }
}
