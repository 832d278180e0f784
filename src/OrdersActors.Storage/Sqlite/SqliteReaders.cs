using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace OrdersActors.Storage.Sqlite;

/// <summary>
/// The reading connections. SQLite blocks its caller, so queries run on the thread pool, a few at a time; more wait their
/// turn, each no longer than the queries before it take. Live events do not: what an agent reads of its partition must not
/// stand behind a thousand clients that come back at once, and there is one agent a partition, which asks one thing at a time.
/// </summary>
internal sealed class SqliteReaders(SqliteDatabase database) : IDisposable
{
    // Reads come from the page cache in tens of microseconds; eight cover a replay beside the agents' reads.
    private const int MaxConcurrent = 8;

    private readonly SemaphoreSlim _turns = new(MaxConcurrent);
    private readonly ConcurrentBag<SqliteReader> _idle = [];

    public async Task<T> ReadAsync<T>(Func<SqliteReader, T> query, CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken);
        try
        {
            return await ReadLiveAsync(query);
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <summary>Reads without waiting for a turn; for the agents.</summary>
    public Task<T> ReadLiveAsync<T>(Func<SqliteReader, T> query) => Task.Run(() => Read(query), CancellationToken.None);

    public void Dispose()
    {
        while (_idle.TryTake(out var reader))
        {
            reader.Dispose();
        }

        _turns.Dispose();
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
            // The connection may be what is broken; the next read opens another.
            reader?.Dispose();
            database.Report(e);
            throw SqliteErrors.ToUnavailable(e);
        }
    }
}
