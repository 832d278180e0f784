using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Reflection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Storage;
using OrdersActors.Storage.Retention;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.Retention;

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
    public async Task Pass_that_fails_while_the_server_stops_is_no_failure()
    {
        Func<Task> work = () => Task.CompletedTask;
        using var service = Service(async _ =>
        {
            await work();
            return default;
        });
        await StopDuringFailure.AssertEndsAsync(
            service, set => work = set, () => _time.Advance(new RetentionOptions().Interval));
        Assert.Empty(_logger.Ids);
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
