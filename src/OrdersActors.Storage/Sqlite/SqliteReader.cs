using System.Globalization;
using Microsoft.Data.Sqlite;
using OrdersActors.Storage.EventLog;
using OrdersActors.Storage.Retention;

namespace OrdersActors.Storage.Sqlite;

/// <summary>One reading connection with its prepared queries. Used by one thread at a time.</summary>
/// <remarks>The returned events carry the epoch that the caller captured before the call.</remarks>
internal sealed class SqliteReader : IDisposable
{
    private const string Select = $"""
        SELECT {EventRow.Columns}
        FROM events e JOIN orders o ON o.id = e.order_ref JOIN organizations g ON g.id = e.organization
        """;

    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _byOrder;
    private readonly SqliteStatement _byOrganization;
    private readonly SqliteStatement _byPartition;
    private readonly SqliteStatement _byId;
    private readonly SqliteStatement _orderHead;
    private readonly SqliteStatement _organizationHead;
    private readonly SqliteStatement _checkpoint;
    private readonly SqliteStatement _newest;
    private SqliteTrimPlanner? _trim;

    public SqliteReader(SqliteConnection connection)
    {
        _connection = connection;
        // CROSS JOIN fixes the order of the loops: first the name, then the index of events.
        _byOrder = new(connection, $"""
            SELECT {EventRow.Columns}
            FROM organizations g CROSS JOIN orders o ON o.organization = g.id CROSS JOIN events e ON e.order_ref = o.id
            WHERE g.name = $0 AND e.version > $1 AND o.name = $3 ORDER BY e.version LIMIT $2
            """, 4);
        _byOrganization = new(connection, $"""
            SELECT {EventRow.Columns}
            FROM organizations g CROSS JOIN events e ON e.organization = g.id CROSS JOIN orders o ON o.id = e.order_ref
            WHERE g.name = $0 AND e.sequence > max($1, g.earliest - 1) ORDER BY e.sequence LIMIT $2
            """, 3);
        _byPartition = new(connection, $"""
            SELECT {EventRow.Columns}
            FROM {SqlitePartition.From("$0", "$1 + 1")}
                CROSS JOIN orders o ON o.id = e.order_ref CROSS JOIN organizations g ON g.id = e.organization
            ORDER BY s.span, e.position LIMIT $2
            """, 3);
        _byId = new(connection, $"""
            {Select} WHERE e.organization = (SELECT id FROM organizations WHERE name = $0) AND e.event_id = $1
            """, 2);
        _orderHead = new(connection, $"""
            SELECT {SqliteHeads.Version}, (SELECT min(version) FROM events WHERE order_ref = o.id)
            FROM organizations g CROSS JOIN orders o ON o.organization = g.id WHERE g.name = $0 AND o.name = $1
            """, 2);
        _organizationHead = new(
            connection, $"SELECT {SqliteHeads.Sequence}, earliest FROM organizations g WHERE name = $0", 1);
        _checkpoint = new(connection, $"""
            SELECT position, {SqliteEpochStatements.NewestPosition} FROM checkpoints WHERE partition = $0
            """, 1);
        _newest = new(connection, $"""
            SELECT e.position FROM {SqlitePartition.From("$0", "0")} ORDER BY s.span DESC, e.position DESC LIMIT 1
            """, 1);
    }

    public IReadOnlyList<OrderEvent> Order(string epoch, string organizationId, string orderId, long after, int limit)
    {
        _byOrder[3] = orderId;
        return Page(_byOrder, epoch, organizationId, after, limit).ConvertAll(entry => entry.Event);
    }

    public IReadOnlyList<OrderEvent> Organization(string epoch, string organizationId, long after, int limit) =>
        Page(_byOrganization, epoch, organizationId, after, limit).ConvertAll(entry => entry.Event);

    public IReadOnlyList<PartitionEntry> Partition(string epoch, int partition, long after, int limit) =>
        Page(_byPartition, epoch, partition, after, limit);

    public OrderEvent? Find(string epoch, string organizationId, string eventId)
    {
        _byId[0] = organizationId;
        _byId[1] = eventId;
        using var rows = _byId.Read();
        return rows.Read() ? SqliteEventRow.Read(rows, epoch) : null;
    }

    public OrderHead? OrderHead(string organizationId, string orderId)
    {
        _orderHead[0] = organizationId;
        _orderHead[1] = orderId;
        using var rows = _orderHead.Read();
        return !rows.Read() ? null
            : new OrderHead(rows.GetInt64(0), rows.IsDBNull(1) ? rows.GetInt64(0) + 1 : rows.GetInt64(1));
    }

    public OrganizationHead OrganizationHead(string organizationId)
    {
        _organizationHead[0] = organizationId;
        using var rows = _organizationHead.Read();
        return rows.Read() ? new OrganizationHead(rows.GetInt64(0), rows.GetInt64(1)) : new OrganizationHead(0, 1);
    }

    /// <summary>A partition's checkpoint, and the newest position of the whole log.</summary>
    public (long Position, long Newest) Checkpoint(int partition)
    {
        _checkpoint[0] = partition;
        using var rows = _checkpoint.Read();
        return rows.Read() ? (rows.GetInt64(0), rows.GetInt64(1)) : (0, 0);
    }

    public long Newest(int partition) => Number(_newest, partition);

    public PartitionState State(int partition) => new(partition, Newest(partition), Checkpoint(partition).Position);

    public SqliteTrimPlan PlanTrim(RetentionLimits limits, RetentionClock clock, TimeProvider time) =>
        (_trim ??= new SqliteTrimPlanner(_connection)).Plan(limits, clock, time);

    public void Dispose() => _connection.Dispose();

    private static List<PartitionEntry> Page(SqliteStatement query, string epoch, object key, long after, int limit)
    {
        query[0] = key;
        query[1] = after;
        query[2] = limit;
        var page = new List<PartitionEntry>();
        var details = 0;
        using var rows = query.Read();
        while (details < EventRow.MaxPageDetails && rows.Read())
        {
            var e = SqliteEventRow.Read(rows, epoch);
            details += e.Details?.Length ?? 0;
            page.Add(new PartitionEntry(rows.GetInt64(0), e));
        }

        return page;
    }

    private static long Number(SqliteStatement query, object key)
    {
        query[0] = key;
        return query.Scalar() is { } value and not DBNull ? Convert.ToInt64(value, CultureInfo.InvariantCulture) : 0;
    }
}
