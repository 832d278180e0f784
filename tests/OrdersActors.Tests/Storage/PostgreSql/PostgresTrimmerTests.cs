using OrdersActors.Storage;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.Tests.Support;
using static OrdersActors.Tests.Storage.PostgreSql.PostgresTestDatabase;

namespace OrdersActors.Tests.Storage.PostgreSql;

public sealed class PostgresTrimmerTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly RetentionLimits Limits = new(TimeSpan.FromDays(30), 10, 3, TimeSpan.FromMinutes(1));

    private PostgresTestDatabase? _test;
    private PostgresTrimmer? _trimmer;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private PostgresTestDatabase Test => _test!;

    public async ValueTask InitializeAsync()
    {
        _test = await CreateAsync(postgres);
        _trimmer = new PostgresTrimmer(_test.Connections);
    }

    public ValueTask DisposeAsync() => _test?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Only_the_last_batch_of_a_pass_that_removed_events_has_the_oldest_kept_event()
    {
        await DeliverAsync(700);
        var pass = await PassAsync();
        Assert.True(pass.Count > 1);
        Assert.All(pass[..^1], batch => Assert.Null(batch.OldestKept));
        Assert.NotNull(pass[^1].OldestKept);
        Assert.Equal(690, pass.Sum(batch => batch.Removed));
        Assert.Equal([new TrimResult(0, false)], await PassAsync());
    }

    [Fact]
    public async Task Last_batch_has_the_oldest_kept_event_also_if_only_earlier_batches_removed_events()
    {
        await DeliverAsync(300);
        var first = await _trimmer!.TrimAsync(Limits, Cancelled);
        Assert.Equal((true, null), (first.IsMore, first.OldestKept));
        Assert.True(first.Removed > 0);
        // Another process takes over the pass: this one finds nothing to do.
        await using var held = await HeldLock.TakeAsync(
            Test.Database.ConnectionString, "SELECT pg_advisory_xact_lock(20289, 2)");
        var last = await _trimmer.TrimAsync(Limits, Cancelled);
        Assert.Equal((0, false), (last.Removed, last.IsMore));
        Assert.NotNull(last.OldestKept);
        Assert.Null((await _trimmer.TrimAsync(Limits, Cancelled)).OldestKept);
    }

    [Fact]
    public async Task Pass_that_removes_every_event_has_no_oldest_event()
    {
        await DeliverAsync(5);
        Assert.Equal([new TrimResult(0, false)], await PassAsync());
        await Test.Database.SqlAsync("UPDATE orders_actors.time_marks SET at = 0");
        Assert.Equal([new TrimResult(5, false)], await PassAsync());
    }

    [Fact]
    public async Task Undelivered_events_are_kept()
    {
        await Test.StoreAsync("shop", [.. Enumerable.Range(0, 20).Select(i => Event("a", $"{i}"))]);
        Assert.Equal([new TrimResult(0, false)], await PassAsync());
    }

    private async Task DeliverAsync(int count)
    {
        await Test.StoreAsync("shop", [.. Enumerable.Range(0, count).Select(i => Event("a", $"{i}"))]);
        await Test.Database.SqlAsync($"UPDATE orders_actors.checkpoints SET position = {count}");
    }

    private async Task<List<TrimResult>> PassAsync()
    {
        var batches = new List<TrimResult>();
        do
        {
            batches.Add(await _trimmer!.TrimAsync(Limits, Cancelled));
        }
        while (batches[^1].IsMore);
        return batches;
    }
}
