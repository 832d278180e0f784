using OrdersActors.Storage;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.Tests.Support;
using static OrdersActors.Tests.Storage.PostgreSql.PostgresTestDatabase;

namespace OrdersActors.Tests.Storage.PostgreSql;

public sealed class PostgresReaderTests(PostgresFixture postgres) : IAsyncLifetime
{
    private PostgresTestDatabase? _test;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private PostgresTestDatabase Test => _test!;

    private PostgresReader Reader => new(Test.Connections, Test.Epoch);

    public async ValueTask InitializeAsync() => _test = await CreateAsync(postgres);

    public ValueTask DisposeAsync() => _test?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Every_read_returns_the_stored_events()
    {
        var stored = await Test.StoreAsync("shop", Event("a", "1"), Event("b", "2"), Event("a", "3"));
        Assert.Equal(stored, await Reader.OrganizationAsync("shop", 0, 10, Cancelled));
        Assert.Equal([stored[0], stored[2]], await Reader.OrderAsync("shop", "a", 0, 10, Cancelled));
        Assert.Equal(
            stored.Select((e, i) => new PartitionEntry(i + 1, e)), await Reader.PartitionAsync(0, 0, 10, Cancelled));
        Assert.Equal(stored[1], await Reader.FindAsync("shop", "2", Cancelled));
    }

    [Fact]
    public async Task Reads_begin_after_the_given_number_and_respect_the_limit()
    {
        await Test.StoreAsync("shop", [.. Enumerable.Range(1, 5).Select(i => Event("a", $"{i}"))]);
        Assert.Equal(
            Numbers(3, 4), (await Reader.OrganizationAsync("shop", 2, 2, Cancelled)).Select(e => e.Sequence));
        Assert.Equal(Numbers(3, 4), (await Reader.OrderAsync("shop", "a", 2, 2, Cancelled)).Select(e => e.Version));
        Assert.Equal(
            Numbers(3, 4), (await Reader.PartitionAsync(0, 2, 2, Cancelled)).Select(entry => entry.Position));
    }

    [Fact]
    public async Task Page_ends_after_a_megabyte_of_details()
    {
        var details = $$"""{"x":"{{new string('x', 60_000)}}"}""";
        await Test.StoreAsync(
            "shop", [.. Enumerable.Range(1, 30).Select(i => Event("a", $"{i}") with { Details = details })]);
        Assert.Equal(18, (await Reader.OrganizationAsync("shop", 0, 1000, Cancelled)).Count);
    }

    [Fact]
    public async Task Unknown_names_have_no_events_and_an_empty_range()
    {
        await Test.StoreAsync("shop", Event("a", "1"));
        Assert.Empty(await Reader.OrganizationAsync("nobody", 0, 10, Cancelled));
        Assert.Empty(await Reader.OrderAsync("nobody", "a", 0, 10, Cancelled));
        Assert.Null(await Reader.FindAsync("nobody", "1", Cancelled));
        Assert.Null(await Reader.OrderHeadAsync("shop", "b", Cancelled));
        Assert.Equal(new OrderHead(1, 1), await Reader.OrderHeadAsync("shop", "a", Cancelled));
        Assert.Equal(new OrganizationHead(0, 1), await Reader.OrganizationHeadAsync("nobody", Cancelled));
        Assert.Equal(new OrganizationHead(1, 1), await Reader.OrganizationHeadAsync("shop", Cancelled));
    }

    [Fact]
    public async Task Checkpoint_moves_only_forward_and_only_within_its_epoch_and_the_log()
    {
        var epoch = Test.Epoch.Current;
        await Test.StoreAsync("shop", Event("a", "1"), Event("a", "2"), Event("a", "3"));
        await Reader.SaveCheckpointAsync(0, 2, epoch, Cancelled);
        await Reader.SaveCheckpointAsync(0, 1, epoch, Cancelled);
        await Reader.SaveCheckpointAsync(0, 3, "another", Cancelled);
        await Reader.SaveCheckpointAsync(0, 4, epoch, Cancelled);
        Assert.Equal((2L, 3L), await Reader.CheckpointAsync(0, Cancelled));
    }

    [Fact]
    public async Task Failure_of_the_database_is_unavailable_in_words()
    {
        await Test.Database.SqlAsync("DROP SCHEMA orders_actors CASCADE");
        var e = await Assert.ThrowsAsync<EventLogUnavailableException>(
            () => Reader.OrganizationHeadAsync("shop", Cancelled));
        Assert.Contains("\"organizations\" does not exist (42P01)", e.Message, StringComparison.Ordinal);
    }
}
