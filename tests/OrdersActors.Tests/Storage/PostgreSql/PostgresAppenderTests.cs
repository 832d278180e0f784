using Npgsql;
using OrdersActors.Storage.EventLog;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.Tests.Support;
using static OrdersActors.Tests.Storage.PostgreSql.PostgresTestDatabase;

namespace OrdersActors.Tests.Storage.PostgreSql;

public sealed class PostgresAppenderTests(PostgresFixture postgres) : IAsyncLifetime
{
    private PostgresTestDatabase? _test;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private PostgresTestDatabase Test => _test!;

    public async ValueTask InitializeAsync() => _test = await CreateAsync(postgres);

    public ValueTask DisposeAsync() => _test?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Group_is_stored_with_its_positions_and_ids()
    {
        var stored = await StoreAsync(
            Append("shop", Event("a", "1"), Event("a", "2")), Append("other", Event("a", "1")));
        Assert.Equal([(1L, "1"), (2L, "2"), (3L, "1")], stored);
        Assert.Equal(3, (await Test.StoreAsync("shop", Event("a", "3"))).Single().Version);
    }

    [Fact]
    public async Task Known_events_are_found_and_the_rest_of_the_group_is_stored()
    {
        var first = (await Test.StoreAsync("shop", Event("a", "1"))).Single();
        var (known, mixed) = (Append("shop", Event("a", "1")), Append("shop", Event("a", "2"), Event("b", "3")));
        var conflict = Append("shop", Event("b", "4"), Event("b", "5"));
        await Test.StoreAsync("shop", Event("c", "5"));
        Assert.Equal([(3L, "2"), (4L, "3")], await StoreAsync(known, mixed, conflict));
        known.Complete();
        mixed.Complete();
        Assert.Equal([first], await known.Answer);
        Assert.Equal([2L, 1L], (await mixed.Answer).Select(e => e.Version));
        Assert.Equal("order_id", (await Assert.ThrowsAsync<EventConflictException>(() => conflict.Answer)).Field);
    }

    [Fact]
    public async Task Group_without_a_new_event_has_no_position()
    {
        await Test.StoreAsync("shop", Event("a", "1"));
        Assert.Empty(await StoreAsync(Append("shop", Event("a", "1"))));
        Assert.Equal("1", await Test.Database.SqlAsync("SELECT position FROM orders_actors.partitions"));
    }

    [Fact]
    public async Task Known_and_new_organizations_and_orders_of_a_group_continue_their_numbers()
    {
        await Test.StoreAsync("shop", Event("b", "1"), Event("b", "2"), Event("d", "3"));
        await Test.StoreAsync("known", Event("b", "1"));
        PendingAppend[] appends =
        [
            Append("new", Event("d", "1"), Event("b", "2")),
            Append("shop", Event("c", "4"), Event("b", "5"), Event("a", "6"), Event("b", "7"), Event("c", "8")),
            Append("known", Event("b", "2"), Event("c", "3")),
            Append("shop", Event("d", "9")),
        ];
        var stored = await StoreAsync(appends);
        Assert.Equal([5L, 6L, 7L, 8L, 9L, 10L, 11L, 12L, 13L, 14L], stored.Select(entry => entry.Position));
        Array.ForEach(appends, append => append.Complete());
        Assert.Equal([(1L, 1L), (2L, 1L)], await NumbersAsync(appends[0]));
        Assert.Equal([(4L, 1L), (5L, 3L), (6L, 1L), (7L, 4L), (8L, 2L)], await NumbersAsync(appends[1]));
        Assert.Equal([(2L, 2L), (3L, 1L)], await NumbersAsync(appends[2]));
        Assert.Equal([(9L, 2L)], await NumbersAsync(appends[3]));
        // The answers are what is stored.
        var rows = await Test.Database.SqlAsync("""
            SET search_path = orders_actors;
            SELECT string_agg(format('%s/%s %s %s', g.name, o.name, e.sequence, e.version), ',' ORDER BY e.position)
            FROM events e JOIN orders o ON o.id = e.order_ref JOIN organizations g ON g.id = e.organization
            WHERE e.position > 4 AND g.id = o.organization;
            """);
        Assert.Equal(
            "new/d 1 1,new/b 2 1,shop/c 4 1,shop/b 5 3,shop/a 6 1,shop/b 7 4,shop/c 8 2,known/b 2 2,known/c 3 1,"
            + "shop/d 9 2", rows.Trim());
        Assert.Equal("a 1,b 4,c 2,d 2", (await Test.Database.SqlAsync("""
            SET search_path = orders_actors;
            SELECT string_agg(format('%s %s', o.name, o.version), ',' ORDER BY o.name)
            FROM orders o JOIN organizations g ON g.id = o.organization WHERE g.name = 'shop';
            """)).Trim());

        static async Task<IEnumerable<(long Sequence, long Version)>> NumbersAsync(PendingAppend append) =>
            (await append.Answer).Select(e => (e.Sequence, e.Version));
    }

    [Fact]
    public async Task Notification_is_sent_only_on_request()
    {
        await using var connection = new NpgsqlConnection(Test.Database.ConnectionString);
        var payloads = new List<string>();
        connection.Notification += (_, notification) => payloads.Add(notification.Payload);
        await connection.OpenAsync(Cancelled);
        await using var listen = new NpgsqlCommand($"LISTEN {PostgresAppender.Channel}", connection);
        await listen.ExecuteNonQueryAsync(Cancelled);
        var appender = Test.Appender();
        await AppendAsync("1", announce: false);
        await AppendAsync("2", announce: true);
        await connection.WaitAsync(Cancelled);
        Assert.Equal(["0 2"], payloads);

        async Task AppendAsync(string id, bool announce)
        {
            var group = new PostgresAppendGroup(10);
            group.Add(Append("shop", Event("a", id)));
            await appender.StoreAsync(group, announce);
        }
    }

    private async Task<(long Position, string Id)[]> StoreAsync(params PendingAppend[] appends)
    {
        var group = new PostgresAppendGroup(1000);
        Array.ForEach(appends, group.Add);
        var stored = await Test.Appender().StoreAsync(group, announce: false);
        return [.. stored.Entries.GetValueOrDefault(0, []).Select(entry => (entry.Position, entry.Event.Id))];
    }
}
