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
    public async Task Group_is_stored_with_its_newest_position_and_ids()
    {
        var (newest, ids) = await StoreAsync(
            Append("shop", Event("a", "1"), Event("a", "2")), Append("other", Event("a", "1")));
        Assert.Equal(3, newest);
        Assert.Equal(["1", "2", "1"], ids);
        Assert.Equal(3, (await Test.StoreAsync("shop", Event("a", "3"))).Single().Version);
    }

    [Fact]
    public async Task Known_events_are_found_and_the_rest_of_the_group_is_stored()
    {
        var first = (await Test.StoreAsync("shop", Event("a", "1"))).Single();
        var (known, mixed) = (Append("shop", Event("a", "1")), Append("shop", Event("a", "2"), Event("b", "3")));
        var conflict = Append("shop", Event("b", "4"), Event("b", "5"));
        await Test.StoreAsync("shop", Event("c", "5"));
        var (newest, ids) = await StoreAsync(known, mixed, conflict);
        Assert.Equal(4, newest);
        Assert.Equal(["2", "3"], ids);
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
        var (newest, ids) = await StoreAsync(Append("shop", Event("a", "1")));
        Assert.Equal(0, newest);
        Assert.Empty(ids);
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

    private async Task<(long Newest, IReadOnlyList<string> Ids)> StoreAsync(params PendingAppend[] appends)
    {
        var group = new PostgresAppendGroup(1000);
        Array.ForEach(appends, group.Add);
        return await Test.Appender().StoreAsync(group, announce: false);
    }
}
