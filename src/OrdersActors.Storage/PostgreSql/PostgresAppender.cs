using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using OrdersActors.Storage.EventLog;
using static OrdersActors.Storage.PostgreSql.PostgresParameter;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>Stores a group of appends.</summary>
/// <remarks>
/// <para>One round trip runs <c>append_group</c>, which stores the whole group, and then the notification. If an
/// event's id is already stored, the function stores nothing and returns such events. They are read; appends with other
/// content under the id are rejected, and the remaining events are sent again.</para>
/// <para>If the group has several partitions, and another transaction appends to one of them, the function stores
/// nothing either and returns such partitions. The others are sent again without them.</para>
/// <para>The notification is for other processes. It is omitted if this process reads the partition itself, because
/// each notification wakes every silo and, for each of them, a server process of the database. It runs in its own
/// transaction after the commit: PostgreSQL commits only one transaction with a notification at a time, including the
/// flush. With the notification inside, eight partitions that appended single events reached only 20 to 70 % of the
/// rate. If a crash between the two loses the notification, the listeners' polls find the events.</para>
/// </remarks>
internal sealed partial class PostgresAppender(
    PostgresConnections connections, PostgresEpoch epoch, ILogger logger)
{
    /// <summary>The channel of the notifications; the payload is "partition position".</summary>
    public const string Channel = "orders_actors";

    private const string Append = """
        SELECT positions, sequences, versions, busy_partitions, repeated_events
        FROM append_group($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        """;

    private const string Notify = $"""
        SELECT pg_notify('{Channel}', partition || ' ' || position) FROM partitions WHERE partition = ANY ($1)
        """;

    private const string Find = $"""
        SELECT {EventRow.Columns}
        FROM unnest($1::text[], $2::text[]) given (organization, id) JOIN organizations g ON g.name = given.organization
            JOIN events e ON {PostgresEventRow.Key} = given.id || ' ' || g.id::text JOIN orders o ON o.id = e.order_ref
        """;

    // Each attempt fails if another process has just committed an event with the same id. Even with many publishers of
    // the same events, this happens about twice.
    private const int MaxAttempts = 20;

    private readonly Outage _notifyOutage = new();

    /// <summary>
    /// Stores all appends that can be stored, except those of busy partitions. On return each other append is rejected
    /// or has all of its events; the caller must answer the latter. The call cannot be cancelled: to cancel, Npgsql
    /// asks PostgreSQL on another connection, and blocks the caller meanwhile.
    /// </summary>
    /// <param name="group">The appends. If they are of one partition, the call waits until it is not busy.</param>
    /// <param name="announce">Whether to notify other processes.</param>
    public async Task<PostgresStored> StoreAsync(PostgresAppendGroup group, bool announce)
    {
        var stored = new PostgresStored();
        await StoreAsync(group, announce, stored);
        return stored;
    }

    private async Task StoreAsync(PostgresAppendGroup group, bool announce, PostgresStored stored)
    {
        var current = epoch.Current;
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            try
            {
                // If a retry repeats the append, it finds the events of the first attempt under their ids.
                if (group.IsEmpty)
                {
                    return;
                }

                var answer = await connections.UseAsync(
                    connection => AppendAsync(connection, group, announce), CancellationToken.None);
                if (answer.Positions is { } positions)
                {
                    stored.Add(group.SetStored(positions, answer.Sequences, answer.Versions, current));
                    return;
                }

                stored.Busy.UnionWith(answer.BusyPartitions);
                await FindAsync(group, answer.RepeatedEvents);
                group = group.Where(append => !append.IsRejected && !stored.Busy.Contains(append.Partition));
            }
            catch (Exception e) when (PostgresErrors.IsConflict(e))
            {
                // Another transaction committed first; the next attempt sees its changes.
            }
            catch (Exception e) when (PostgresErrors.IsRejection(e))
            {
                await StoreHalvesAsync(group, announce, PostgresErrors.ToRejection(e), stored);
                return;
            }
        }

        throw LogUnavailable.Because("too many publishers publish the same events at the same time");
    }

    /// <summary>
    /// Handles a group with an append that PostgreSQL can never store. It rejects that append and stores the others.
    /// </summary>
    private async Task StoreHalvesAsync(
        PostgresAppendGroup group, bool announce, InvalidOrderEventException rejection, PostgresStored stored)
    {
        if (group.Split(rejection) is { } halves)
        {
            await StoreAsync(halves.First, announce, stored);
            await StoreAsync(halves.Second, announce, stored);
        }
    }

    private async Task<Answer> AppendAsync(NpgsqlConnection connection, PostgresAppendGroup group, bool announce)
    {
        await using var batch = connection.CreateBatch();
        batch.EnableErrorBarriers = true;
        batch.BatchCommands.Add(AppendCommand(group));
        if (announce)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(Notify)
            {
                Parameters = { Of(group.PartitionNumbers) },
            });
        }

        await using var rows = await batch.ExecuteReaderAsync();
        await rows.ReadAsync();
        var answer = rows.IsDBNull(0)
            ? new Answer(null) { BusyPartitions = Partitions(3), RepeatedEvents = Numbers(4) }
            : new Answer(Numbers(0)) { Sequences = Numbers(1), Versions = Numbers(2) };
        try
        {
            // The result row comes before the commit. Only the end of the result, or the notification's result after
            // it, confirms the commit.
            await rows.NextResultAsync();
            _notifyOutage.Succeed();
        }
        catch (PostgresException e) when (announce && e.BatchCommand == batch.BatchCommands[1])
        {
            // The append is committed, because it has its own transaction. The listeners' polls find it within a
            // second.
            if (_notifyOutage.Fail())
            {
                LogNotNotified(group.PartitionNumbers[0], PostgresErrors.Describe(e));
            }
        }

        return answer;

        int[] Partitions(int column) => rows.IsDBNull(column) ? [] : rows.GetFieldValue<int[]>(column);

        long[] Numbers(int column) => rows.IsDBNull(column) ? [] : rows.GetFieldValue<long[]>(column);
    }

    private static NpgsqlBatchCommand AppendCommand(PostgresAppendGroup group) => new(Append)
    {
        Parameters =
        {
            Of(group.PartitionNumbers),
            Of(group.PartitionCounts),
            Of(group.OrganizationNames),
            Of(group.OrganizationPartitions),
            Of(group.OrganizationCounts),
            Of(group.OrderNames),
            Of(group.OrderOrganizations),
            Of(group.OrderCounts),
            Of(group.EventOrders),
            Of(group.EventPositions),
            Of(group.EventSequences),
            Of(group.EventVersions),
            Of(group.EventIds),
            Of(group.EventStatuses),
            new NpgsqlParameter<List<DateTime>>
            {
                TypedValue = group.EventTimes, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
            },
            Of(group.EventDetails),
        },
    };

    private async Task FindAsync(PostgresAppendGroup group, long[] repeated)
    {
        if (repeated.Length == 0)
        {
            return;
        }

        var current = epoch.Current;
        var ids = Array.ConvertAll(repeated, group.IdOf);
        var found = await connections.UseAsync(
            async connection =>
            {
                await using var command = new NpgsqlCommand(Find, connection)
                {
                    Parameters =
                    {
                        Of(ids.Select(id => id.Organization).ToList()),
                        Of(ids.Select(id => id.Id).ToList()),
                    },
                };
                await using var rows = await command.ExecuteReaderAsync();
                var events = new List<OrderEvent>();
                while (await rows.ReadAsync())
                {
                    events.Add(PostgresEventRow.Read(rows, current));
                }

                return events;
            },
            CancellationToken.None);
        group.SetKnown(found);
    }

    [LoggerMessage(1057, LogLevel.Warning,
        "Partition {Partition} cannot notify other processes of appends: {Reason}. Appends are stored; other " +
        "processes find them with their next poll")]
    private partial void LogNotNotified(int partition, string reason);

    /// <summary>
    /// The result of <c>append_group</c>: the last numbers before the group, or why nothing was stored.
    /// </summary>
    private sealed record Answer(long[]? Positions)
    {
        public long[] Sequences { get; init; } = [];

        public long[] Versions { get; init; } = [];

        public int[] BusyPartitions { get; init; } = [];

        public long[] RepeatedEvents { get; init; } = [];
    }
}
