using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace OrdersActors.Storage.Sqlite;

/// <summary>
/// Removes events, one batch at a time, on the writing connection.
/// </summary>
/// <remarks>
/// <code>
///   a partition       ├── 1 too old: removed ──►┤ kept …
///   an organization   ├── before the mark ── 2 the mark advances ──►┤ newest MaxPerOrganization
///                                              └ for each event that it passes: its order's excess is removed
/// </code>
/// <list type="number">
/// <item>By age: all events at the front of each partition. The organizations' marks advance with it.</item>
/// <item>By number: an organization's mark advances event by event. When it passes an event, the excess events of that
/// event's order are removed: those beyond the order's limit, up to the passed event. The order's remaining events stay
/// before the mark. They are checked again only when the mark passes a newer event of the same order. Versions ascend
/// with sequences, so the removed events are always an order's first ones.</item>
/// </list>
/// A mark moves in the transaction that removes the events, so no reader sees a feed with a gap.
/// </remarks>
[SuppressMessage(
    "Reliability", "CA1001", Justification = "The statements end with the connection, which its owner disposes.")]
internal sealed class SqliteTrimmer(SqliteConnection connection)
{
    // Positions up to $1, at most $2, from $3 on.
    private static readonly string Aged =
        $"{SqlitePartition.From("$0", "$3")} WHERE e.position <= $1 ORDER BY s.span, e.position LIMIT $2";

    private readonly SqliteStatement _removeOldMarks = new(connection, """
        DELETE FROM time_marks WHERE at > $1 OR at IN (SELECT at FROM time_marks WHERE at < $0 ORDER BY at LIMIT $2)
        """, 3);

    private readonly SqliteStatement _addMark = new(connection, "INSERT OR REPLACE INTO time_marks VALUES ($0, $1)", 2);

    private readonly SqliteStatement _agedPage = new(connection, $"""
        SELECT e.position, e.organization, e.sequence, e.order_ref, e.version
        FROM {Aged}
        """, 4);

    private readonly SqliteStatement _removeAged = new(
        connection, $"DELETE FROM events WHERE position IN (SELECT e.position FROM {Aged})", 4);

    // An order's number must survive its last event.
    private readonly SqliteStatement _keepVersion = new(connection, """
        UPDATE orders SET version = max(version, $1)
        WHERE id = $0 AND NOT EXISTS (SELECT 1 FROM events e WHERE e.order_ref = $0 AND e.version > $1)
        """, 2);

    private readonly SqliteStatement _keepPosition = new(connection, """
        INSERT INTO settings VALUES ('newest_removed', $0)
        ON CONFLICT (name) DO UPDATE SET value = max(CAST(value AS INTEGER), $0)
        """, 1);

    private readonly SqliteStatement _clearSpans = new(connection, $"""
        UPDATE partition_spans SET partitions = partitions & ~(1 << $0) WHERE span >= $2 AND span < $1
        """, 3);

    // Not the newest span, which the appender knows.
    private readonly SqliteStatement _removeSpans = new(connection, $"""
        DELETE FROM partition_spans WHERE span IN (
            SELECT span FROM partition_spans
            WHERE span < (SELECT min(position) FROM events) / {SqliteSchema.SpanLength} ORDER BY span LIMIT $0)
        """, 1);

    // CROSS JOIN fixes the order of the loops, as in the reader.
    private readonly SqliteStatement _excessPage = new(connection, """
        SELECT e.sequence, e.order_ref, e.version, (SELECT max(version) FROM events WHERE order_ref = e.order_ref)
        FROM organizations g CROSS JOIN events e ON e.organization = g.id
            CROSS JOIN checkpoints c ON c.partition = e.partition
        WHERE g.id = $0 AND e.sequence >= g.earliest AND e.position <= c.position
            AND e.sequence <= (SELECT max(sequence) FROM events WHERE organization = $0) - $1
        ORDER BY e.sequence LIMIT $2
        """, 3);

    private readonly SqliteStatement _firstOfOrder = new(
        connection, "SELECT min(version) FROM events WHERE order_ref = $0 AND version <= $1", 2);

    private readonly SqliteStatement _removeOfOrder = new(
        connection, "DELETE FROM events INDEXED BY events_by_order WHERE order_ref = $0 AND version <= $1", 2);

    private readonly SqliteStatement _moveOrganization = new(
        connection,
        "UPDATE organizations SET earliest = max(earliest, $1), sequence = max(sequence, $1 - 1) WHERE id = $0",
        2);

    private readonly SqliteStatement _oldest =
        new(connection, "SELECT occurred_at FROM events ORDER BY position LIMIT 1", 0);

    // For each partition, the span before which this trimmer has removed all of its events.
    private readonly Dictionary<int, long> _firstSpans = [];

    /// <summary>Executes one batch of a plan. If the budget ended the batch, more work may remain.</summary>
    public TrimResult Trim(SqliteTrimPlan plan, RetentionLimits limits, SqliteTrimBudget budget)
    {
        if (plan.NewMark is { } mark)
        {
            SetMark(mark, plan.Oldest);
        }

        // 1.
        for (var i = 0; i < plan.Aged.Count && !budget.IsSpent; i++)
        {
            while (RemoveAged(plan.Aged[i], budget) && !budget.IsSpent)
            {
            }
        }

        // 2.
        for (var i = 0; i < plan.Organizations.Count && !budget.IsSpent; i++)
        {
            while (RemoveExcess(plan.Organizations[i], limits, budget) && !budget.IsSpent)
            {
            }
        }

        if (budget.Removed > 0)
        {
            _removeSpans[0] = SqliteTrimBudget.MaxEvents;
            _removeSpans.Execute();
        }

        return new TrimResult(
            budget.Removed, budget.IsSpent,
            budget.Removed > 0 && _oldest.Scalar() is long oldest ? SqliteEventRow.FromMicroseconds(oldest) : null,
            plan.UntrustedClock);
    }

    private void SetMark(TimeMark mark, TimeMark oldest)
    {
        _removeOldMarks[0] = oldest.At;
        _removeOldMarks[1] = mark.At;
        _removeOldMarks[2] = SqliteTrimBudget.MaxEvents;
        _removeOldMarks.Execute();
        _addMark[0] = mark.At;
        _addMark[1] = mark.Position;
        _addMark.Execute();
    }

    /// <summary>Removes a slice. Returns whether another slice may follow.</summary>
    private bool RemoveAged(AgedPartition aged, SqliteTrimBudget budget)
    {
        var slice = budget.Slice;
        var firstSpan = _firstSpans.GetValueOrDefault(aged.Partition);
        foreach (var statement in (SqliteStatement[])[_agedPage, _removeAged])
        {
            statement[0] = aged.Partition;
            statement[1] = aged.Position;
            statement[2] = slice;
            statement[3] = firstSpan * SqliteSchema.SpanLength;
        }

        // Positions ascend with sequences and versions, so the last values remain.
        var (earliest, versions) = (new Dictionary<long, long>(), new Dictionary<long, long>());
        var last = 0L;
        using (var rows = _agedPage.Read())
        {
            while (rows.Read())
            {
                last = rows.GetInt64(0);
                earliest[rows.GetInt64(1)] = rows.GetInt64(2) + 1;
                versions[rows.GetInt64(3)] = rows.GetInt64(4);
            }
        }

        if (last == 0)
        {
            return false;
        }

        var removed = _removeAged.Execute();
        Keep(last, earliest, versions);
        ClearSpans(aged.Partition, firstSpan, last / SqliteSchema.SpanLength);
        budget.Remove(removed);
        return removed == slice;
    }

    private void ClearSpans(int partition, long first, long end)
    {
        if (first < end)
        {
            _clearSpans[0] = partition;
            _clearSpans[1] = end;
            _clearSpans[2] = first;
            _clearSpans.Execute();
            _firstSpans[partition] = end;
        }
    }

    /// <summary>Keeps the numbers that removed events carried.</summary>
    private void Keep(long position, Dictionary<long, long> earliest, Dictionary<long, long> versions)
    {
        _keepPosition[0] = position;
        _keepPosition.Execute();
        foreach (var (organization, sequence) in earliest)
        {
            Move(organization, sequence);
        }

        foreach (var (order, version) in versions)
        {
            _keepVersion[0] = order;
            _keepVersion[1] = version;
            _keepVersion.Execute();
        }
    }

    /// <summary>Moves a mark past a slice of events. Returns whether another slice may follow.</summary>
    private bool RemoveExcess(long organization, RetentionLimits limits, SqliteTrimBudget budget)
    {
        var slice = budget.Slice;
        var page = ExcessPage(organization, limits.MaxPerOrganization, slice);
        var earliest = 0L;
        foreach (var row in page)
        {
            if (budget.IsSpent
                || !RemoveOfOrder(row.Order, Math.Min(row.Version, row.Newest - limits.MaxPerOrder), budget))
            {
                // The mark stays before this event, so that the next batch continues with its order.
                break;
            }

            // A passed event also counts, because the event and its order had to be read.
            budget.Pass(1);
            earliest = row.Sequence + 1;
        }

        Move(organization, earliest);
        return page.Count == slice;
    }

    private List<ExcessRow> ExcessPage(long organization, long max, int limit)
    {
        _excessPage[0] = organization;
        _excessPage[1] = max;
        _excessPage[2] = limit;
        var page = new List<ExcessRow>();
        using var rows = _excessPage.Read();
        while (rows.Read())
        {
            page.Add(new ExcessRow(rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2), rows.GetInt64(3)));
        }

        return page;
    }

    /// <summary>
    /// Removes an order's first versions up to the given one. Returns false if the budget ended the removal.
    /// </summary>
    private bool RemoveOfOrder(long order, long through, SqliteTrimBudget budget)
    {
        if (through < 1)
        {
            return true;
        }

        _firstOfOrder[0] = order;
        _firstOfOrder[1] = through;
        if (_firstOfOrder.Scalar() is not long next)
        {
            return true;
        }

        // Versions have no gaps, so a range of versions determines the number of events.
        while (next <= through && !budget.IsSpent)
        {
            next = Math.Min(next + budget.Slice, through + 1);
            _removeOfOrder[0] = order;
            _removeOfOrder[1] = next - 1;
            budget.Remove(_removeOfOrder.Execute());
        }

        return next > through;
    }

    private void Move(long organization, long earliest)
    {
        _moveOrganization[0] = organization;
        _moveOrganization[1] = earliest;
        _moveOrganization.Execute();
    }

    /// <summary>An event that the mark is about to pass, and the newest version of its order.</summary>
    private readonly record struct ExcessRow(long Sequence, long Order, long Version, long Newest);
}
