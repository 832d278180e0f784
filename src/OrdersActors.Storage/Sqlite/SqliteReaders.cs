using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace OrdersActors.Storage.Sqlite;

/// <summary>
/// The reading connections. SQLite blocks its caller, so queries run on the thread pool, a few at a time. Further
/// queries wait for a permit. Live reads do not wait: an agent's read of its partition must not wait behind a thousand
/// clients that reconnect at once. Each partition has one agent, which makes one request at a time, so live reads need
/// no limit.
/// </summary>
internal sealed class SqliteReaders(SqliteDatabase database) : IDisposable
{
    // Reads from the page cache take tens of microseconds, so eight at a time are enough for replays beside the agents'
    // reads.
    private const int MaxConcurrent = 8;

    private readonly SemaphoreSlim _permits = new(MaxConcurrent);
    private readonly ConcurrentBag<SqliteReader> _idle = [];

    public async Task<T> ReadAsync<T>(Func<SqliteReader, T> query, CancellationToken cancellationToken)
    {
        await _permits.WaitAsync(cancellationToken);
        try
        {
            return await ReadLiveAsync(query);
        }
        finally
        {
            _permits.Release();
        }
    }

    /// <summary>Reads without waiting for a permit; for the agents.</summary>
    public Task<T> ReadLiveAsync<T>(Func<SqliteReader, T> query) =>
        Task.Run(() => Read(query), CancellationToken.None);

    public void Dispose()
    {
        while (_idle.TryTake(out var reader))
        {
            reader.Dispose();
        }

        _permits.Dispose();
    }

    private T Read<T>(Func<SqliteReader, T> query)
    {
        SqliteReader? reader = null;
        try
        {
            if (!_idle.TryTake(out reader))
            {
                reader = new SqliteReader(database.Open());
            }

            var result = query(reader);
            _idle.Add(reader);
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
