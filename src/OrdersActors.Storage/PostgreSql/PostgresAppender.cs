using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>Stores a group of appends of one partition.</summary>
/// <remarks>
/// <para>One round trip: <c>append_events</c>, which stores the whole group, and then the notification. If an event's id is stored
/// already, nothing is stored and the events are named: they are read, appends with other content under the id are refused, and the
/// rest is sent again.</para>
/// <para>The news is for other processes, and left out where this one reads the partition itself: each piece wakes every silo, by a
/// process of the database each. It goes in a transaction of its own after the commit, because PostgreSQL lets only one transaction with a
/// notification commit at a time, flush included: with it inside, eight partitions that appended single events reached 20
/// to 70 % of the rate. News that a crash loses in between is found by the listener's poll.</para>
/// </remarks>
internal sealed partial class PostgresAppender(
    PostgresConnections connections, PostgresEpoch epoch, int partition, ILogger logger)
{
    /// <summary>Where news are announced, as "partition position".</summary>
    public const string Channel = "orders_actors";

    private const string Append = """
        SELECT newest, sequences, versions, repeated_events
        FROM append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """;

    private const string Notify = $"""
        SELECT pg_notify('{Channel}', partition || ' ' || position) FROM partitions WHERE partition = $1
        """;

    private const string Find = $"""
        SELECT {PostgresRow.Columns}
        FROM unnest($1::text[], $2::text[]) given (organization, id) JOIN organizations g ON g.name = given.organization
            JOIN events e ON {PostgresRow.Key} = given.id || ' ' || g.id::text JOIN orders o ON o.id = e.order_ref
        """;

    // Another attempt follows if another process has just committed an event of the same id: twice or so, in a crowd.
    private const int MaxAttempts = 20;

    private bool _isNotifyFailing;

    /// <summary>
    /// Stores what can be stored. On return each append is refused or has all of its events; they are to be told. It cannot be
    /// cancelled: for that Npgsql asks PostgreSQL on another connection, and holds up whoever cancels as long as that takes.
    /// </summary>
    /// <param name="group">What is to be stored.</param>
    /// <param name="announce">Whether other processes are to be told.</param>
    /// <returns>The ids of the new events, and the position of the last one; 0 if none was new.</returns>
    public async Task<(long Newest, IReadOnlyList<string> Ids)> StoreAsync(PostgresAppendGroup group, bool announce)
    {
        var current = epoch.Current;
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            try
            {
                // Done twice, the second time finds the events that the first has stored under their ids.
                var answer = group.IsEmpty
                    ? new Answer(0)
                    : await connections.UseAsync(connection => AppendAsync(connection, group, announce), CancellationToken.None);
                if (answer.Newest is { } newest)
                {
                    group.Number(answer.Sequences, answer.Versions, current);
                    return (newest, group.EventIds);
                }

                await FindAsync(group, answer.RepeatedEvents);
                group = group.Rest();
            }
            catch (Exception e) when (PostgresErrors.IsConflict(e))
            {
                // Another transaction was first; the next attempt sees what it has committed.
            }
            catch (Exception e) when (PostgresErrors.IsRefusal(e))
            {
                return await StoreHalvesAsync(group, announce, PostgresErrors.ToRefusal(e));
            }
        }

        throw new EventLogUnavailableException(
            "the event log is unavailable: too many others publish the same events at this moment");
    }

    /// <summary>PostgreSQL can never store one of the appends. It is refused, and the others are stored without it.</summary>
    private async Task<(long Newest, IReadOnlyList<string> Ids)> StoreHalvesAsync(
        PostgresAppendGroup group, bool announce, InvalidOrderEventException refusal)
    {
        if (group.Split(refusal) is not { } halves)
        {
            return (0, []);
        }

        var first = await StoreAsync(halves.First, announce);
        var second = await StoreAsync(halves.Second, announce);
        // Ids are those of the last positions without a gap: another process may have appended between the halves.
        return second.Newest > 0 ? second : first;
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
                Parameters = { new NpgsqlParameter<int> { TypedValue = partition } },
            });
        }

        await using var rows = await batch.ExecuteReaderAsync();
        await rows.ReadAsync();
        var answer = rows.IsDBNull(0)
            ? new Answer(null) { RepeatedEvents = Numbers(3) }
            : new Answer(rows.GetInt64(0)) { Sequences = Numbers(1), Versions = Numbers(2) };
        try
        {
            // The numbers come before the commit. Only the end of the answer, or the notification after it, says that it was committed.
            await rows.NextResultAsync();
            _isNotifyFailing = false;
        }
        catch (PostgresException e) when (announce && e.BatchCommand == batch.BatchCommands[1])
        {
            // The append is committed; it has a transaction of its own. The listeners' polls find it within a second.
            if (!_isNotifyFailing)
            {
                _isNotifyFailing = true;
                LogNotNotified(partition, PostgresErrors.Describe(e));
            }
        }

        return answer;

        long[] Numbers(int column) => rows.IsDBNull(column) ? [] : rows.GetFieldValue<long[]>(column);
    }

    private NpgsqlBatchCommand AppendCommand(PostgresAppendGroup group) => new(Append)
    {
        Parameters =
        {
            new NpgsqlParameter<int> { TypedValue = partition },
            Of(group.OrganizationNames),
            Of(group.OrganizationCounts),
            Of(group.OrderNames),
            Of(group.OrderOrganizations),
            Of(group.OrderCounts),
            Of(group.EventOrders),
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
                    events.Add(PostgresRow.ToEvent(rows, current));
                }

                return events;
            },
            CancellationToken.None);
        group.Found(found);
    }

    private static NpgsqlParameter<List<T>> Of<T>(List<T> values) => new() { TypedValue = values };

    [LoggerMessage(1057, LogLevel.Warning,
        "Partition {Partition} cannot notify other processes of appends: {Reason}. Appends are stored; other processes find them with their next poll")]
    private partial void LogNotNotified(int partition, string reason);

    /// <summary>The result of <c>append_events</c>: the numbers that it counted from, or the events that are stored already.</summary>
    private sealed record Answer(long? Newest)
    {
        public long[] Sequences { get; init; } = [];

        public long[] Versions { get; init; } = [];

        public long[] RepeatedEvents { get; init; } = [];
    }
}
