using Npgsql;
using static OrdersActors.Storage.PostgreSql.PostgresParameter;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// Removes old events, one batch at a time.
/// </summary>
/// <remarks>
/// <list type="number">
/// <item>The ends of the partitions are read, and then the database's clock, so that a mark's events were committed
/// before its time. The servers' clocks are not used: a wrong one would remove the history of all organizations.</item>
/// <item>Marks are added where they are due.</item>
/// <item>The events to remove are found without blocking other work. This costs a few index lookups and one scan of the
/// organizations (about 50 ms for 100,000).</item>
/// <item>They are removed partition by partition, each in a transaction that delays the partition's appends for about 5
/// ms. If the budget ends, the next batch continues with the next partition, so that a busy partition does not block
/// the others.</item>
/// </list>
/// Only one process at a time removes events; the others find nothing to do.
/// </remarks>
internal sealed class PostgresTrimmer(PostgresConnections connections)
{
    // Most events that one batch removes or passes.
    private const int Budget = 256;

    // An organization's events are complete from its mark on, so the event at the mark is the next one to remove.
    private const string Plan = """
        SELECT partition, aged, organizations
        FROM (
            SELECT c.partition,
                (
                    SELECT least(m.position, c.position) FROM time_marks m
                    WHERE m.partition = c.partition AND m.at <= $1 ORDER BY m.at DESC LIMIT 1) AS aged,
                ARRAY(
                    SELECT g.id FROM organizations g
                    WHERE g.partition = c.partition AND g.earliest <= g.sequence - $2 AND c.position >= (
                        SELECT e.position FROM events e WHERE e.organization = g.id AND e.sequence = g.earliest)
                    LIMIT $3) AS organizations
            FROM checkpoints c) plan
        WHERE cardinality(organizations) > 0
            OR EXISTS (SELECT FROM events e WHERE e.partition = plan.partition AND e.position <= plan.aged)
        ORDER BY partition <= $4, partition
        """;

    // The released function does not return the number of removed rows. PostgreSQL counts the rows that the session has
    // deleted, and adds them to its statistics about once per second. So the columns before and after the function,
    // which are evaluated in this order, differ by the rows that the function deleted. With track_counts off, which
    // also stops autovacuum, both are 0: events are removed all the same, but the metric and the log message do not
    // count them.
    private const string Trim = """
        SELECT pg_stat_get_xact_tuples_deleted('events'::regclass), trim_events($1, $2, $3, $4, $5, $6),
            pg_stat_get_xact_tuples_deleted('events'::regclass)
        """;

    private const string OldestKept = """
        SELECT min(first.occurred_at)
        FROM partitions p CROSS JOIN LATERAL (
            SELECT e.occurred_at FROM events e WHERE e.partition = p.partition ORDER BY e.position LIMIT 1) first
        """;

    // The service makes one call at a time, and awaits each before the next, so the fields need no fence.
    private int _last = -1;
    private bool _hasRemoved;

    /// <summary>Removes a batch.</summary>
    public Task<TrimResult> TrimAsync(RetentionLimits limits, CancellationToken cancellationToken) =>
        connections.Replays.RunAsync(
            () => connections.UseAsync(
                connection => TrimAsync(connection, limits, cancellationToken), cancellationToken),
            cancellationToken);

    private async Task<TrimResult> TrimAsync(
        NpgsqlConnection connection, RetentionLimits limits, CancellationToken cancellationToken)
    {
        // 1. and 2.
        var (partitions, positions, now) = await HeadsAsync(connection, cancellationToken);
        var oldest = now - (long)limits.MaxAge.TotalMilliseconds;
        if (!await MarkAsync(connection, partitions, positions, now, oldest, limits.AgePrecision, cancellationToken))
        {
            return await ResultAsync(connection, 0, isMore: false, cancellationToken);
        }

        // 3.
        var (spent, removed, isMore) = (0, 0, false);
        foreach (var work in await PlanAsync(connection, oldest, limits, cancellationToken))
        {
            // 4.
            var batch = await TrimAsync(connection, work, limits, Budget - spent, cancellationToken);
            removed += batch.Removed;
            if (batch.Spent is not { } more)
            {
                break;
            }

            spent += more;
            if (spent >= Budget)
            {
                (_last, isMore) = (work.Partition, true);
                break;
            }
        }

        return await ResultAsync(connection, removed, isMore, cancellationToken);
    }

    /// <summary>
    /// The result of a batch. Only the last batch of a pass queries the oldest kept event, because only its answer is
    /// logged.
    /// </summary>
    private async Task<TrimResult> ResultAsync(
        NpgsqlConnection connection, int removed, bool isMore, CancellationToken cancellationToken)
    {
        _hasRemoved |= removed > 0;
        if (isMore || !_hasRemoved)
        {
            return new TrimResult(removed, isMore);
        }

        var oldestKept = await OldestKeptAsync(connection, cancellationToken);
        _hasRemoved = false;
        return new TrimResult(removed, isMore, oldestKept);
    }

    private static async Task<(int[] Partitions, long[] Positions, long Now)> HeadsAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "SELECT array_agg(partition), array_agg(position), log_now() FROM partitions", connection);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        await rows.ReadAsync(cancellationToken);
        return (rows.GetFieldValue<int[]>(0), rows.GetFieldValue<long[]>(1), rows.GetInt64(2));
    }

    private static async Task<bool> MarkAsync(
        NpgsqlConnection connection, int[] partitions, long[] positions, long now, long oldest, TimeSpan every,
        CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT mark_time($1, $2, $3, $4, $5)", connection)
        {
            Parameters = { Of(partitions), Of(positions), Of(now), Of(oldest), Of((long)every.TotalMilliseconds) },
        };
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task<List<Work>> PlanAsync(
        NpgsqlConnection connection, long oldest, RetentionLimits limits, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Plan, connection)
        {
            Parameters = { Of(oldest), Of(limits.MaxPerOrganization), Of((long)Budget), Of(_last) },
        };
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var plan = new List<Work>();
        while (await rows.ReadAsync(cancellationToken))
        {
            plan.Add(new Work(
                rows.GetInt32(0), rows.IsDBNull(1) ? 0 : rows.GetInt64(1), rows.GetFieldValue<long[]>(2)));
        }

        return plan;
    }

    /// <summary>
    /// Trims one partition. <c>Spent</c> is what counts against the budget: removed and passed events; null if another
    /// process trims.
    /// </summary>
    private static async Task<(int? Spent, int Removed)> TrimAsync(
        NpgsqlConnection connection, Work work, RetentionLimits limits, int budget, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Trim, connection)
        {
            Parameters =
            {
                Of(work.Partition),
                Of(work.Aged),
                Of(work.Organizations),
                Of(limits.MaxPerOrganization),
                Of(limits.MaxPerOrder),
                Of(budget),
            },
        };
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        await rows.ReadAsync(cancellationToken);
        return (rows.IsDBNull(1) ? null : rows.GetInt32(1), (int)(rows.GetInt64(2) - rows.GetInt64(0)));
    }

    private static async Task<DateTimeOffset?> OldestKeptAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(OldestKept, connection);
        return await command.ExecuteScalarAsync(cancellationToken) is DateTime oldest ? oldest : null;
    }

    /// <summary>
    /// The work for a partition: the position up to which events are too old, and the organizations with too many
    /// events.
    /// </summary>
    private readonly record struct Work(int Partition, long Aged, long[] Organizations);
}
