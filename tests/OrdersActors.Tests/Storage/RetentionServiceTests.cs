using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Storage;
using OrdersActors.Storage.Retention;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage;

public sealed class RetentionServiceTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly RecordingLogger<RetentionService> _logger = new();

    [Fact]
    public async Task Pass_starts_immediately_continues_until_done_and_pauses_as_long_as_each_batch_took()
    {
        var batch = TimeSpan.FromMilliseconds(7);
        var begun = new ConcurrentQueue<DateTimeOffset>();
        using var service = Service(_ =>
        {
            begun.Enqueue(_time.GetUtcNow());
            _time.Advance(batch);
            return Task.FromResult(new TrimResult(0, begun.Count < 4));
        });
        await service.StartAsync(TestContext.Current.CancellationToken);
        await Eventually.Holds(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(1));
                return begun.Count == 4;
            },
            () => $"{begun.Count} batches");
        await service.StopAsync(TestContext.Current.CancellationToken);
        var times = begun.ToArray();
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.True(pair.Second - pair.First >= 2 * batch));
    }

    [Fact]
    public async Task Log_failure_is_logged_once_retried_every_interval_and_its_end_is_logged()
    {
        var passes = 0;
        using var service = Service(_ => Interlocked.Increment(ref passes) switch
        {
            <= 3 => Task.FromException<TrimResult>(new EventLogUnavailableException("the disk is full")),
            4 => Task.FromResult(default(TrimResult)),
            5 => throw new InvalidOperationException("a fault"),
            _ => Task.FromResult(default(TrimResult)),
        });
        await service.StartAsync(TestContext.Current.CancellationToken);
        for (var i = 1; i <= 6; i++)
        {
            await Eventually.Holds(() => Volatile.Read(ref passes) == i, () => $"{passes} passes");
            _time.Advance(new RetentionOptions().Interval);
        }

        await Eventually.Holds(() => passes == 7, () => $"{passes} passes");
        await service.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal([1010, 1012, 1011, 1012], _logger.Ids);
        Assert.True(service.ExecuteTask!.IsCompleted);
    }

    [Fact]
    public async Task Removed_events_are_logged_per_pass_and_a_doubted_clock_once_until_it_ends()
    {
        var batches = 0;
        var kept = new DateTimeOffset(2026, 11, 25, 1, 2, 3, TimeSpan.Zero);
        using var service = Service(_ => Task.FromResult(Interlocked.Increment(ref batches) switch
        {
            1 => new TrimResult(200, true, kept.AddDays(-1)),
            2 => new TrimResult(55, false, kept),
            3 => new TrimResult(0, false, null, "the clock is ahead"),
            4 => new TrimResult(7, false, kept, "the clock is further ahead"),
            _ => default,
        }));
        using var meter = new MeterListener();
        var counted = 0L;
        meter.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "orders_actors.events_trimmed")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        meter.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref counted, count));
        meter.Start();
        await service.StartAsync(TestContext.Current.CancellationToken);
        for (var i = 2; i <= 5; i++)
        {
            await Eventually.Holds(
                () =>
                {
                    // The pause between two batches.
                    _time.Advance(TimeSpan.FromMilliseconds(1));
                    return Volatile.Read(ref batches) == i;
                },
                () => $"{batches} batches");
            _time.Advance(new RetentionOptions().Interval);
        }

        await Eventually.Holds(() => batches == 6, () => $"{batches} batches");
        await service.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal([1015, 1013, 1015, 1014], _logger.Ids);
        Assert.Contains("Removed 255 old events", _logger.Text, StringComparison.Ordinal);
        Assert.Contains("2026-11-25T01:02:03", _logger.Text, StringComparison.Ordinal);
        Assert.True(counted >= 262);
    }

    [Theory]
    [InlineData("MaxAge", "00:00:04")]
    [InlineData("MaxAge", "3651.00:00:00")]
    [InlineData("MaxPerOrganization", "0")]
    [InlineData("MaxPerOrder", "0")]
    [InlineData("Interval", "00:00:00.9")]
    [InlineData("Interval", "01:00:01")]
    [InlineData("MaxClockLead", "00:59:59")]
    public void Invalid_setting_is_named(string name, string value) => Assert.Contains(
        name, Assert.Throws<OptionsValidationException>(() => Configured(name, value)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Settings_become_limits_with_a_precision_of_one_interval_or_coarser_for_a_long_age()
    {
        Assert.Equal(
            new RetentionLimits(TimeSpan.FromDays(30), 1_000_000, 1000, TimeSpan.FromMinutes(1)) { MaxClockLead =
                TimeSpan.FromDays(1) },
            new RetentionOptions().Limits);
        Assert.Equal(new DateOnly(2026, 11, 25), Configured("ClockConfirmedOn", "2026-11-25").Limits.ClockConfirmedOn);
        Assert.Equal(TimeSpan.FromDays(3650) / 100_000, Configured("MaxAge", "3650.00:00:00").Limits.AgePrecision);
        Assert.Equal(5, Configured("MaxPerOrder", "5").Limits.MaxPerOrder);
    }

    private static RetentionOptions Configured(string name, string value)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(
            new ConfigurationBuilder().AddInMemoryCollection([new($"OrdersActors:Retention:{name}", value)]).Build());
        services.AddOrderRetention();
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<RetentionOptions>>().Value;
    }

    private RetentionService Service(Func<RetentionLimits, Task<TrimResult>> trim)
    {
        var log = DispatchProxy.Create<IEventLog, TrimmedLog>();
        ((TrimmedLog)log).Trim = trim;
        return new RetentionService(log, Options.Create(new RetentionOptions()), _time, _logger);
    }

    /// <summary>A log that can only be trimmed.</summary>
    public class TrimmedLog : DispatchProxy
    {
        public Func<RetentionLimits, Task<TrimResult>>? Trim { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            Trim!((RetentionLimits)args![0]!);
    }
}
