using Microsoft.Data.Sqlite;
using OrdersActors.Storage.EventLog;
using SQLitePCL;

namespace OrdersActors.Storage.Sqlite;

/// <summary>The writing connection and its prepared statements. Used only by the writer's thread.</summary>
internal sealed class SqliteAppender : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteDirectStatement _begin;
    private readonly SqliteDirectStatement _commit;
    private readonly SqliteDirectStatement _addEvent;
    private readonly SqliteDirectStatement _addPartition;
    private readonly SqliteDirectStatement _removeEvents;
    private readonly SqliteStatement _storedEvent;
    private readonly SqliteStatement _checkpoint;
    private readonly SqliteEpochStatements _epochs;
    private readonly SqliteHeads _heads;
    private long _newest;

    // The span of the newest event, and its partitions that are certainly stored.
    private long _span;
    private long _partitions;
    private SqliteTrimmer? _trimmer;

    public SqliteAppender(SqliteConnection connection)
    {
        _connection = connection;
        // BEGIN waits that long for another process.
        raw.sqlite3_busy_timeout(connection.Handle, SqliteDatabase.BusyTimeoutSeconds * 1000);
        _begin = new(connection, "BEGIN IMMEDIATE");
        _commit = new(connection, "COMMIT");
        _addEvent = new(connection, """
            INSERT INTO events (
                position, partition, organization, sequence, order_ref, version, event_id, status, occurred_at, details)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            ON CONFLICT (organization, event_id) DO NOTHING
            """);
        _addPartition = new(connection, """
            INSERT INTO partition_spans VALUES (?1, ?2)
            ON CONFLICT (span) DO UPDATE SET partitions = partitions | excluded.partitions
            """);
        _removeEvents = new(connection, "DELETE FROM events WHERE position > ?1");
        _storedEvent = new(connection, $"""
            SELECT {EventRow.Columns}
            FROM events e JOIN orders o ON o.id = e.order_ref JOIN organizations g ON g.id = e.organization
            WHERE e.organization = $0 AND e.event_id = $1
            """, 2);
        _checkpoint = new(connection, """
            INSERT INTO checkpoints VALUES ($0, $1)
            ON CONFLICT (partition) DO UPDATE SET position = max(position, excluded.position)
            """, 2);
        _heads = new(connection);
        _epochs = new(connection);
        // No other process writes events or the epoch while a server holds the folder's lock.
        Epoch = _epochs.Find() ?? throw new InvalidOperationException("The database has no epoch.");
        _newest = _epochs.Newest();
    }

    /// <summary>The epoch of the events that are written now.</summary>
    public string Epoch { get; private set; }

    /// <summary>Removes events, on the same connection.</summary>
    public SqliteTrimmer Trimmer => _trimmer ??= new SqliteTrimmer(_connection);

    public void Begin() => _begin.Execute();

    public void Commit() => _commit.Execute();

    /// <summary>
    /// Numbers and inserts the events that the log does not have. Returns the position of the last new one; 0 if no
    /// event was new.
    /// </summary>
    /// <exception cref="EventConflictException">
    /// An id belongs to a different event. The append has changed nothing; the other writes of the transaction remain.
    /// </exception>
    public long Append(PendingAppend append)
    {
        var before = _newest;
        var organization = _heads.Begin(append.OrganizationId);
        try
        {
            for (var i = 0; i < append.Events.Count; i++)
            {
                if (append.Needs(i))
                {
                    Append(append, i, organization);
                }
            }
        }
        catch (EventConflictException)
        {
            Undo(before, organization);
            throw;
        }

        _heads.End(organization);
        return _newest > before ? _newest : 0;
    }

    /// <summary>
    /// Moves a checkpoint forward, unless its position is of another epoch or after the end of the log.
    /// </summary>
    public void SaveCheckpoint(int partition, long position, string epoch)
    {
        if (epoch == Epoch && position <= _newest)
        {
            _checkpoint[0] = partition;
            _checkpoint[1] = position;
            _checkpoint.Execute();
        }
    }

    /// <summary>
    /// Begins a new epoch unless <paramref name="ended"/> has already ended. Returns the newest position, or null if no
    /// epoch begins.
    /// </summary>
    public long? BeginEpoch(string ended, string next)
    {
        if (_epochs.Find() != ended)
        {
            return null;
        }

        _epochs.Begin(next);
        Epoch = next;
        return _epochs.Newest();
    }

    /// <summary>From now on no commit copies the write-ahead log; <see cref="SqliteCheckpointer"/> does.</summary>
    public void LeaveCheckpoints() => raw.sqlite3_wal_autocheckpoint(_connection.Handle, 0);

    /// <summary>The number of pages written to the write-ahead log since the last call.</summary>
    public int TakeWrittenPages()
    {
        raw.sqlite3_db_status(_connection.Handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var pages, out _, 1);
        return pages;
    }

    /// <summary>Copies the write-ahead log into the database. Returns the number of pages that remain in it.</summary>
    public int CopyLog() => SqliteCheckpointer.Copy(_connection);

    public void Dispose()
    {
        _begin.Dispose();
        _commit.Dispose();
        _addEvent.Dispose();
        _addPartition.Dispose();
        _removeEvents.Dispose();
        _heads.Dispose();
        _connection.Dispose();
    }

    private void Append(PendingAppend append, int index, OrganizationNumbers organization)
    {
        var e = append.Events[index];
        var order = _heads.Order(organization, e.OrderId);
        if (!Insert(e, append.Partition, organization, order))
        {
            append.SetKnown(index, StoredEvent(_heads.IdOf(organization), e.Id));
            return;
        }

        _newest++;
        AddPartition(append.Partition);
        _heads.Count(organization, order);
        append.SetStored(
            index, EventRow.Numbered(e, append.OrganizationId, organization.Sequence, order.Version, Epoch), _newest);
    }

    /// <summary>Inserts an event with the next numbers. Returns false if its id is already stored.</summary>
    private bool Insert(OrderStatusEvent e, int partition, OrganizationNumbers organization, OrderNumbers order) =>
        _addEvent
            .Bind(1, _newest + 1)
            .Bind(2, partition)
            .Bind(3, _heads.IdOf(organization))
            .Bind(4, organization.Sequence + 1)
            .Bind(5, _heads.IdOf(order))
            .Bind(6, order.Version + 1)
            .Bind(7, e.Id)
            .Bind(8, e.Status)
            .Bind(9, SqliteEventRow.ToMicroseconds(e.OccurredAt))
            .Bind(10, e.Details)
            .Execute() == 1;

    /// <summary>Records that the span of the newest event has events of a partition.</summary>
    private void AddPartition(int partition)
    {
        if (_newest / SqliteSchema.SpanLength is var span && span != _span)
        {
            (_span, _partitions) = (span, 0);
        }

        if ((_partitions & (1L << partition)) == 0)
        {
            _partitions |= 1L << partition;
            _addPartition.Bind(1, span).Bind(2, 1L << partition).Execute();
        }
    }

    /// <summary>
    /// Removes the events of a rejected append, which are the newest. Partitions of spans stay, because they may be too
    /// many.
    /// </summary>
    private void Undo(long before, OrganizationNumbers organization)
    {
        if (_newest > before)
        {
            _removeEvents.Bind(1, before).Execute();
            _newest = before;
            _heads.Undo(organization);
        }
    }

    /// <summary>
    /// Reads an event that was stored before this append. The append's own events are never looked up: its repeated ids
    /// are not needed.
    /// </summary>
    private OrderEvent StoredEvent(long organization, string eventId)
    {
        _storedEvent[0] = organization;
        _storedEvent[1] = eventId;
        using var rows = _storedEvent.Read();
        return rows.Read()
            ? SqliteEventRow.Read(rows, Epoch)
            : throw new InvalidOperationException("An event whose id is stored cannot be read.");
    }
}
