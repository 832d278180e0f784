using Microsoft.Extensions.Time.Testing;
using OrdersActors.Storage;
using OrdersActors.Storage.Sqlite;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.Sqlite;

public sealed class SqliteTrimPlannerTests : IAsyncLifetime
{
    private static readonly RetentionLimits Limits =
        new(TimeSpan.FromDays(10), 1000, 1000, TimeSpan.FromMinutes(1)) { MaxClockLead = TimeSpan.FromDays(1) };

    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 25, 12, 0, 0, TimeSpan.Zero));
    private SqliteEventLog? _log;
    private DateTimeOffset _now;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _now = _time.GetUtcNow();
        Open(_time);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _log!.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Server_with_a_clock_a_month_ahead_removes_nothing_by_age_while_events_arrive()
    {
        await PublishAsync();
        Assert.Equal(default, await TrimAsync());
        await ReopenAsync(new FakeTimeProvider(_now.AddDays(30)));
        for (var i = 0; i < 3; i++)
        {
            // The events have the publishers' correct times.
            await PublishAsync();
            var refused = await TrimAsync();
            Assert.Equal((0, false), (refused.Removed, refused.IsMore));
            Assert.Contains("30.0 days past the newest event", refused.UntrustedClock, StringComparison.Ordinal);
        }

        Assert.Equal(new OrganizationHead(4, 1), await _log!.GetOrganizationHeadAsync("shop", Cancelled));
        // The clock is corrected. The events received in the meantime age from now on.
        _time.Advance(TimeSpan.FromMinutes(1));
        await ReopenAsync(_time);
        Assert.Equal(default, await TrimAsync());
        _time.Advance(TimeSpan.FromDays(10));
        Assert.Equal(new TrimResult(4, false), await TrimAsync());
    }

    [Fact]
    public async Task Limits_by_number_apply_while_the_clock_is_doubted()
    {
        await PublishAsync(20);
        await TrimAsync();
        await ReopenAsync(new FakeTimeProvider(_now.AddDays(30)));
        var result = await TrimAsync(Limits with { MaxPerOrganization = 5, MaxPerOrder = 5 });
        Assert.Equal((15, _now), (result.Removed, result.OldestKept));
        Assert.NotNull(result.UntrustedClock);
    }

    [Fact]
    public async Task Confirmed_day_lets_a_server_remove_by_age_after_a_long_downtime()
    {
        await PublishAsync();
        await TrimAsync();
        await ReopenAsync(new FakeTimeProvider(_now.AddDays(30)));
        Assert.NotNull((await TrimAsync()).UntrustedClock);
        Assert.Equal(1, (await TrimAsync(Limits with { ClockConfirmedOn = new DateOnly(2026, 12, 25) })).Removed);
    }

    [Fact]
    public async Task Server_down_for_an_hour_continues_without_an_event()
    {
        await PublishAsync();
        _time.Advance(TimeSpan.FromDays(5));
        await PublishAsync();
        await TrimAsync();
        _now = _time.GetUtcNow();
        await ReopenAsync(new FakeTimeProvider(_now.AddHours(1)));
        Assert.Equal(default, await TrimAsync());
    }

    private void Open(TimeProvider time) => _log = SqliteEventLog.Open(
        new SqliteStorageOptions { DataDirectory = _folder.Path, FullDurability = false }, time,
        new RecordingLogger<SqliteEventLog>());

    private async Task ReopenAsync(TimeProvider time)
    {
        await _log!.DisposeAsync();
        Open(time);
    }

    /// <summary>Publishes events with the correct time and marks them as delivered.</summary>
    private async Task PublishAsync(int count = 1)
    {
        await _log!.AppendAsync(
            "shop",
            [.. Enumerable.Range(0, count)
                .Select(_ => new OrderStatusEvent { OrderId = "o-1", Status = "s", OccurredAt = _now })],
            Cancelled);
        var partition = _log.PartitionOf("shop");
        var last = (await _log.ReadPartitionAsync(partition, 0, 1000, Cancelled))[^1].Position;
        await _log.SaveCheckpointAsync(partition, last, _log.Epoch, Cancelled);
    }

    private Task<TrimResult> TrimAsync(RetentionLimits? limits = null) => _log!.TrimAsync(limits ?? Limits, Cancelled);
}
