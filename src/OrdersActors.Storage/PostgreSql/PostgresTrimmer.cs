using Npgsql;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// Removes old events, a batch at a time.
/// </summary>
/// <remarks>
/// <list type="number">
/// <item>The ends of the partitions are read, and then the database's clock: a mark's events were committed before its time. The clock
/// of a server does not count: one that is wrong would remove everybody's history.</item>
/// <item>Marks are set where they are due.</item>
/// <item>What there is to remove is found, without holding anybody up: a few look-ups in an index, and one walk over the
/// organizations (100,000 take some 50 ms).</item>
/// <item>It is removed, partition by partition, each in a transaction that keeps its appends waiting for some 5 ms. Where the
/// budget ends, the next batch goes on with the next partition, so that a busy one does not keep the others from theirs.</item>
/// </list>
/// Of several processes one does it at a time; the others are told that there is nothing to do.
/// </remarks>
internal sealed class PostgresTrimmer(PostgresConnections connections)
{
    // Most events that one batch removes or passes by.
    private const int Budget = 256;

    // From its mark on, an organization's events are all there, so the mark's own is the next to go.
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

    private int _last = -1;

    /// <summary>Removes a batch. The number of removed events includes those that were passed by.</summary>
    public Task<TrimResult> TrimAsync(RetentionLimits limits, CancellationToken cancellationToken) => connections.Replays.RunAsync(
        () => connections.UseAsync(connection => TrimAsync(connection, limits, cancellationToken), cancellationToken),
        cancellationToken);

    private async Task<TrimResult> TrimAsync(
        NpgsqlConnection connection, RetentionLimits limits, CancellationToken cancellationToken)
    {
        // 1. and 2.
        var (partitions, positions, now) = await HeadsAsync(connection, cancellationToken);
        var oldest = now - (long)limits.MaxAge.TotalMilliseconds;
        if (!await MarkAsync(connection, partitions, positions, now, oldest, limits.AgePrecision, cancellationToken))
        {
            return default;
        }

        // 3.
        var spent = 0;
        foreach (var work in await PlanAsync(connection, oldest, limits, cancellationToken))
        {
            // 4.
            if (await TrimAsync(connection, work, limits, Budget - spent, cancellationToken) is not { } more)
            {
                return new TrimResult(spent, IsMore: false);
            }

            spent += more;
            if (spent >= Budget)
            {
                _last = work.Partition;
                return new TrimResult(spent, IsMore: true);
            }
        }

        return new TrimResult(spent, IsMore: false);
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
            plan.Add(new Work(rows.GetInt32(0), rows.IsDBNull(1) ? 0 : rows.GetInt64(1), rows.GetFieldValue<long[]>(2)));
        }

        return plan;
    }

    private static async Task<int?> TrimAsync(
        NpgsqlConnection connection, Work work, RetentionLimits limits, int budget, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT trim_events($1, $2, $3, $4, $5, $6)", connection)
        {
            Parameters =
            {
                Of(work.Partition), Of(work.Aged), Of(work.Organizations), Of(limits.MaxPerOrganization), Of(limits.MaxPerOrder),
                Of(budget),
            },
        };
        return await command.ExecuteScalarAsync(cancellationToken) as int?;
    }

    private static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = value };

    /// <summary>What is to go from a partition: what is too old, up to a position, and what organizations have too much.</summary>
    private readonly record struct Work(int Partition, long Aged, long[] Organizations);
}
