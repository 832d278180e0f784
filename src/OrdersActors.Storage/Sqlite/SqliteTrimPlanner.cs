using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;
using OrdersActors.Storage.Retention;

namespace OrdersActors.Storage.Sqlite;

/// <summary>
/// Finds events to remove, on a reading connection. It costs a few index lookups and one scan of the organizations, so
/// the writer's thread does not have to make them. A scan of 100,000 organizations takes about 10 ms.
/// </summary>
[SuppressMessage(
    "Reliability", "CA1001", Justification = "The statements end with the connection, which its owner disposes.")]
internal sealed class SqliteTrimPlanner(SqliteConnection connection)
{
    private readonly SqliteStatement _newest = new(connection, "SELECT max(position) FROM events", 0);

    private readonly SqliteStatement _lastMark =
        new(connection, "SELECT at, position FROM time_marks ORDER BY at DESC LIMIT 1", 0);

    private readonly SqliteStatement _markBefore = new(
        connection, "SELECT at, position FROM time_marks WHERE at <= $0 ORDER BY at DESC LIMIT 1", 1);

    private readonly SqliteStatement _aged = new(connection, $"""
        SELECT partition, upto FROM (SELECT partition, min(position, $0) AS upto FROM checkpoints) c
        WHERE EXISTS (
            SELECT 1 FROM {SqlitePartition.From("c.partition", "0")}
            WHERE s.span <= c.upto / {SqliteSchema.SpanLength} AND e.position <= c.upto)
        """, 1);

    // An organization's events are complete from its mark on, so the event at the mark is the next one to remove.
    // Most organizations are passed over by their stored sequence, which may be behind, without reading their events.
    private readonly SqliteStatement _organizations = new(connection, $"""
        SELECT o.id FROM organizations o
        WHERE o.earliest <= o.sequence + {SqliteSchema.SequenceStep - 1} - $0
            AND o.earliest <= (SELECT max(e.sequence) FROM events e WHERE e.organization = o.id) - $0
            AND (
            SELECT e.position <= c.position FROM events e JOIN checkpoints c ON c.partition = e.partition
            WHERE e.organization = o.id AND e.sequence = o.earliest)
        LIMIT $1
        """, 2);

    // The last committed events: the newest one alone may have an old time.
    private readonly SqliteStatement _latestEvent = new(connection, """
        SELECT max(occurred_at)
        FROM (SELECT occurred_at FROM events ORDER BY position DESC LIMIT 100) WHERE occurred_at <= $0
        """, 1);

    public SqliteTrimPlan Plan(RetentionLimits limits, RetentionClock clock, TimeProvider time)
    {
        var newest = _newest.Scalar() is long position ? position : 0;
        // The clock is read after the position, so all events up to the position were committed before now.
        var now = time.GetUtcNow();
        var doubt = clock.Doubt(now, limits, Latest);
        var oldest = Mark(_markBefore, (now - limits.MaxAge).ToUnixTimeMilliseconds());
        var aged = oldest.Position > 0 ? Aged(oldest.Position) : [];
        var organizations = Organizations(limits.MaxPerOrganization);
        return doubt is null
            ? new SqliteTrimPlan(
                NextMark(new TimeMark(now.ToUnixTimeMilliseconds(), newest), limits.AgePrecision),
                oldest, aged, organizations, null)
            // A mark made by a doubtful clock would later count as evidence for it. Without the mark, the events age
            // from a later one.
            : new SqliteTrimPlan(null, default, [], organizations, aged.Count > 0 ? doubt : null);
    }

    /// <summary>
    /// The latest time of an event or a mark before the given time. Marks count because the clock was trusted when they
    /// were made.
    /// </summary>
    private DateTimeOffset? Latest(DateTimeOffset before)
    {
        _latestEvent[0] = SqliteEventRow.ToMicroseconds(before);
        DateTimeOffset? occurred = _latestEvent.Scalar() is long at ? SqliteEventRow.FromMicroseconds(at) : null;
        var mark = Mark(_markBefore, before.ToUnixTimeMilliseconds());
        DateTimeOffset? marked = mark.At > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(mark.At) : null;
        return marked is null || occurred > marked ? occurred : marked;
    }

    private TimeMark? NextMark(TimeMark now, TimeSpan precision)
    {
        var last = Mark(_lastMark);
        // A mark in the future was made before the clock was set back. It must be replaced, because otherwise its
        // events would be kept until that time.
        var isDue = last.At > now.At
            || (now.Position > last.Position && now.At - last.At >= precision.TotalMilliseconds);
        return isDue ? now : null;
    }

    private static TimeMark Mark(SqliteStatement query, long? before = null)
    {
        if (before is not null)
        {
            query[0] = before;
        }

        using var rows = query.Read();
        return rows.Read() ? new TimeMark(rows.GetInt64(0), rows.GetInt64(1)) : default;
    }

    private List<AgedPartition> Aged(long position)
    {
        _aged[0] = position;
        var aged = new List<AgedPartition>();
        using var rows = _aged.Read();
        while (rows.Read())
        {
            aged.Add(new AgedPartition(rows.GetInt32(0), rows.GetInt64(1)));
        }

        return aged;
    }

    private List<long> Organizations(long max)
    {
        _organizations[0] = max;
        _organizations[1] = SqliteTrimBudget.MaxEvents;
        var organizations = new List<long>();
        using var rows = _organizations.Read();
        while (rows.Read())
        {
            organizations.Add(rows.GetInt64(0));
        }

        return organizations;
    }
}
