using System.Globalization;
using Microsoft.Data.Sqlite;

namespace OrdersActors.Storage.Sqlite;

/// <summary>The writing connection and its prepared statements. Used by the writer's thread only.</summary>
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
    private readonly Dictionary<string, OrderRow> _orders = [];
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
        _order = new(connection, "SELECT id, organization, version FROM orders WHERE name = $0", 1);
        _addOrder = new(connection, "INSERT INTO orders (name, organization, version) VALUES ($0, $1, 0) RETURNING id", 2);
        _moveOrder = new(connection, "UPDATE orders SET version = $1 WHERE id = $0", 2);
        _addEvent = new(connection, """
            INSERT INTO events (partition, organization, sequence, order_ref, version, event_id, status, occurred_at, details)
            VALUES ($0, $1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (organization, event_id) DO NOTHING RETURNING position
            """, 9);
        _storedEvent = new(connection, """
            SELECT e.position, g.name, o.name, e.version, e.sequence, e.event_id, e.status, e.occurred_at, e.details
            FROM events e JOIN orders o ON o.id = e.order_ref JOIN organizations g ON g.id = e.organization
            WHERE e.organization = $0 AND e.event_id = $1
            """, 2);
        _checkpoint = new(connection, """
            INSERT INTO checkpoints VALUES ($0, $1)
            ON CONFLICT (partition) DO UPDATE SET position = max(position, excluded.position)
            """, 2);
    }

    /// <summary>Removes events, on the same connection.</summary>
    public SqliteTrimmer Trimmer => _trimmer ??= new SqliteTrimmer(_connection);

    public void Begin() => _begin.Execute();

    public void Commit() => _commit.Execute();

    /// <summary>Runs one write so that its failure leaves nothing of it and does not touch the others'.</summary>
    public void InSavepoint(SqliteWrite write)
    {
        _savepoint.Execute();
        try
        {
            write.Execute(this);
        }
        catch (Exception e) when (e is not SqliteException)
        {
            _rollbackTo.Execute();
            _release.Execute();
            throw;
        }

        _release.Execute();
    }

    /// <summary>Numbers and inserts. Returns the events as stored, and the position of the last new one.</summary>
    public (OrderEvent[] Stored, long NewestPosition) Append(
        string organizationId, int partition, IReadOnlyList<OrderStatusEvent> events)
    {
        var (organization, first) = Organization(organizationId);
        var sequence = first;
        var newest = 0L;
        var stored = new OrderEvent[events.Count];
        _orders.Clear();
        for (var i = 0; i < stored.Length; i++)
        {
            var e = events[i];
            var order = FindOrder(e.OrderId, organization);
            if (order is null && Stored(organization, e.Id) is { } seen)
            {
                // A repeated id makes no order, whatever order it names this time.
                stored[i] = seen;
                OrderMetrics.CountDuplicate("log");
                continue;
            }

            order ??= AddOrder(e.OrderId, organization);
            if (Insert(e, partition, organization, sequence + 1, order.Id, order.Version + 1) is { } position)
            {
                newest = position;
                sequence++;
                order.Version++;
                order.HasMoved = true;
                stored[i] = Numbered(e, organizationId, sequence, order.Version);
            }
            else
            {
                stored[i] = Stored(organization, e.Id)!;
                OrderMetrics.CountDuplicate("log");
            }
        }

        foreach (var order in _orders.Values.Where(order => order.HasMoved))
        {
            _moveOrder[0] = order.Id;
            _moveOrder[1] = order.Version;
            _moveOrder.Execute();
        }

        if (sequence > first)
        {
            _moveOrganization[0] = organization;
            _moveOrganization[1] = sequence;
            _moveOrganization.Execute();
        }

        return (stored, newest);
    }

    public void SaveCheckpoint(int partition, long position)
    {
        _checkpoint[0] = partition;
        _checkpoint[1] = position;
        _checkpoint.Execute();
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

    private OrderRow? FindOrder(string name, long organization)
    {
        if (_orders.TryGetValue(name, out var order))
        {
            return order;
        }

        _order[0] = name;
        using var rows = _order.Read();
        if (!rows.Read())
        {
            return null;
        }

        if (rows.GetInt64(1) != organization)
        {
            throw new OrderOwnershipException(name);
        }

        return _orders[name] = new OrderRow { Id = rows.GetInt64(0), Version = rows.GetInt64(2) };
    }

    private OrderRow AddOrder(string name, long organization)
    {
        _addOrder[0] = name;
        _addOrder[1] = organization;
        return _orders[name] = new OrderRow { Id = Convert.ToInt64(_addOrder.Scalar(), CultureInfo.InvariantCulture) };
    }

    /// <summary>The new event's position, or null where its id has been seen.</summary>
    private long? Insert(OrderStatusEvent e, int partition, long organization, long sequence, long order, long version)
    {
        _addEvent[0] = partition;
        _addEvent[1] = organization;
        _addEvent[2] = sequence;
        _addEvent[3] = order;
        _addEvent[4] = version;
        _addEvent[5] = e.Id;
        _addEvent[6] = e.Status;
        _addEvent[7] = SqliteRow.ToMicroseconds(e.OccurredAt);
        _addEvent[8] = e.Details;
        return (long?)_addEvent.Scalar();
    }

    private OrderEvent? Stored(long organization, string eventId)
    {
        _storedEvent[0] = organization;
        _storedEvent[1] = eventId;
        using var rows = _storedEvent.Read();
        return rows.Read() ? SqliteRow.ToEvent(rows) : null;
    }

    private static OrderEvent Numbered(OrderStatusEvent e, string organizationId, long sequence, long version) => new()
    {
        OrganizationId = organizationId,
        OrderId = e.OrderId,
        Version = version,
        Sequence = sequence,
        Id = e.Id,
        Status = e.Status,
        OccurredAt = SqliteRow.FromMicroseconds(SqliteRow.ToMicroseconds(e.OccurredAt)),
        Details = e.Details,
    };

    /// <summary>An order that the append under way has touched.</summary>
    private sealed class OrderRow
    {
        public required long Id { get; init; }

        public long Version { get; set; }

        public bool HasMoved { get; set; }
    }
}
