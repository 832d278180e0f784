using System.Globalization;
using Microsoft.Data.Sqlite;
using OrdersActors.Storage.EventLog;

namespace OrdersActors.Storage.Sqlite;

/// <summary>The writing connection and its prepared statements. Used only by the writer's thread.</summary>
internal sealed class SqliteAppender : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _savepoint;
    private readonly SqliteStatement _release;
    private readonly SqliteStatement _rollbackTo;
    private readonly SqliteStatement _organization;
    private readonly SqliteStatement _addOrganization;
    private readonly SqliteStatement _moveOrganization;
    private readonly SqliteStatement _order;
    private readonly SqliteStatement _addOrder;
    private readonly SqliteStatement _moveOrder;
    private readonly SqliteStatement _addEvent;
    private readonly SqliteStatement _storedEvent;
    private readonly SqliteStatement _checkpoint;
    private readonly SqliteEpochStatements _epochs;
    private readonly Dictionary<string, OrderRow> _orders = [];
    private long _lastOrder;
    private SqliteTrimmer? _trimmer;

    public SqliteAppender(SqliteConnection connection)
    {
        _connection = connection;
        _begin = new(connection, "BEGIN IMMEDIATE", 0);
        _commit = new(connection, "COMMIT", 0);
        _savepoint = new(connection, "SAVEPOINT one", 0);
        _release = new(connection, "RELEASE one", 0);
        _rollbackTo = new(connection, "ROLLBACK TO one", 0);
        _organization = new(connection, "SELECT id, sequence FROM organizations WHERE name = $0", 1);
        _addOrganization = new(connection, "INSERT INTO organizations (name, sequence) VALUES ($0, 0) RETURNING id", 1);
        _moveOrganization = new(connection, "UPDATE organizations SET sequence = $1 WHERE id = $0", 2);
        _order = new(connection, "SELECT id, version FROM orders WHERE organization = $0 AND name = $1", 2);
        _addOrder = new(connection, "INSERT INTO orders (organization, name, id, version) VALUES ($0, $1, $2, $3)", 4);
        _moveOrder = new(connection, "UPDATE orders SET version = $2 WHERE organization = $0 AND name = $1", 3);
        _addEvent = new(connection, """
            INSERT INTO events (
                partition, organization, sequence, order_ref, version, event_id, status, occurred_at, details)
            VALUES ($0, $1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (organization, event_id) DO NOTHING RETURNING position
            """, 9);
        _storedEvent = new(connection, $"""
            SELECT {EventRow.Columns}
            FROM events e JOIN orders o ON o.id = e.order_ref JOIN organizations g ON g.id = e.organization
            WHERE e.organization = $0 AND e.event_id = $1
            """, 2);
        _checkpoint = new(connection, """
            INSERT INTO checkpoints
            SELECT $0, $1 WHERE $1 <= (SELECT seq FROM sqlite_sequence WHERE name = 'events')
            ON CONFLICT (partition) DO UPDATE SET position = max(position, excluded.position)
            """, 2);
        _epochs = new(connection);
        // No other process writes orders or the epoch while a server holds the folder's lock.
        Epoch = _epochs.Find() ?? throw new InvalidOperationException("The database has no epoch.");
        using var lastOrder = new SqliteStatement(connection, "SELECT coalesce(max(id), 0) FROM orders", 0);
        _lastOrder = Convert.ToInt64(lastOrder.Scalar(), CultureInfo.InvariantCulture);
    }

    /// <summary>The epoch of the events that are written now.</summary>
    public string Epoch { get; private set; }

    /// <summary>Removes events, on the same connection.</summary>
    public SqliteTrimmer Trimmer => _trimmer ??= new SqliteTrimmer(_connection);

    public void Begin() => _begin.Execute();

    public void Commit() => _commit.Execute();

    /// <summary>
    /// Runs one write in a savepoint. If it fails, it is rolled back without affecting the other writes.
    /// </summary>
    public void InSavepoint(SqliteWriteRequest request)
    {
        _savepoint.Execute();
        try
        {
            request.Execute(this);
        }
        catch (Exception e) when (e is not SqliteException)
        {
            _rollbackTo.Execute();
            _release.Execute();
            throw;
        }

        _release.Execute();
    }

    /// <summary>
    /// Numbers and inserts the events that the log does not have. Returns the position of the last new one; 0 if no
    /// event was new.
    /// </summary>
    /// <exception cref="EventConflictException">An id belongs to a different event.</exception>
    public long Append(PendingAppend append)
    {
        var (organization, first) = Organization(append.OrganizationId);
        var sequence = first;
        var newest = 0L;
        _orders.Clear();
        for (var i = 0; i < append.Events.Count; i++)
        {
            if (!append.Needs(i))
            {
                continue;
            }

            var e = append.Events[i];
            var order = FindOrder(e.OrderId, organization);
            if (Insert(e, append.Partition, organization, sequence + 1, order.Id, order.Version + 1) is { } position)
            {
                newest = position;
                sequence++;
                order.Version++;
                append.SetStored(i, EventRow.Numbered(e, append.OrganizationId, sequence, order.Version, Epoch), position);
            }
            else
            {
                append.SetKnown(i, StoredEvent(organization, e.Id));
            }
        }

        foreach (var (name, order) in _orders)
        {
            SaveOrder(organization, name, order);
        }

        if (sequence > first)
        {
            _moveOrganization[0] = organization;
            _moveOrganization[1] = sequence;
            _moveOrganization.Execute();
        }

        return newest;
    }

    /// <summary>
    /// Moves a checkpoint forward, unless its position is of another epoch or after the end of the log.
    /// </summary>
    public void SaveCheckpoint(int partition, long position, string epoch)
    {
        if (epoch == Epoch)
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

    public void Dispose() => _connection.Dispose();

    private (long Id, long Sequence) Organization(string name)
    {
        _organization[0] = name;
        using (var rows = _organization.Read())
        {
            if (rows.Read())
            {
                return (rows.GetInt64(0), rows.GetInt64(1));
            }
        }

        _addOrganization[0] = name;
        return (Convert.ToInt64(_addOrganization.Scalar(), CultureInfo.InvariantCulture), 0);
    }

    /// <summary>Returns the order's row. A new order has no row yet; it is inserted with its first event.</summary>
    private OrderRow FindOrder(string name, long organization)
    {
        if (_orders.TryGetValue(name, out var order))
        {
            return order;
        }

        _order[0] = organization;
        _order[1] = name;
        using var rows = _order.Read();
        return _orders[name] = rows.Read()
            ? new OrderRow(rows.GetInt64(0), rows.GetInt64(1))
            : new OrderRow(++_lastOrder, null);
    }

    private void SaveOrder(long organization, string name, OrderRow order)
    {
        if (order.Version == (order.Stored ?? 0))
        {
            return;
        }

        if (order.Stored is not null)
        {
            _moveOrder[0] = organization;
            _moveOrder[1] = name;
            _moveOrder[2] = order.Version;
            _moveOrder.Execute();
            return;
        }

        _addOrder[0] = organization;
        _addOrder[1] = name;
        _addOrder[2] = order.Id;
        _addOrder[3] = order.Version;
        _addOrder.Execute();
    }

    /// <summary>Inserts an event. Returns its position, or null if its id is already stored.</summary>
    private long? Insert(OrderStatusEvent e, int partition, long organization, long sequence, long order, long version)
    {
        _addEvent[0] = partition;
        _addEvent[1] = organization;
        _addEvent[2] = sequence;
        _addEvent[3] = order;
        _addEvent[4] = version;
        _addEvent[5] = e.Id;
        _addEvent[6] = e.Status;
        _addEvent[7] = SqliteEventRow.ToMicroseconds(e.OccurredAt);
        _addEvent[8] = e.Details;
        return (long?)_addEvent.Scalar();
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

    /// <summary>An order that the current append uses, and its stored version; null if the order is new.</summary>
    private sealed class OrderRow(long id, long? stored)
    {
        public long Id => id;

        public long? Stored => stored;

        public long Version { get; set; } = stored ?? 0;
    }
}
