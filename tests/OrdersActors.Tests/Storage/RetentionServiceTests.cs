using System.Collections.Concurrent;
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
    public async Task A_pass_begins_at_the_start_goes_on_until_nothing_is_left_and_rests_as_long_as_each_batch_took()
    {
        var batch = TimeSpan.FromMilliseconds(7);
        var begun = new ConcurrentQueue<DateTimeOffset>();
        using var service = Service(_ =>
        {
            begun.Enqueue(_time.GetUtcNow());
            _time.Advance(batch);
            return Task.FromResult(begun.Count < 4);
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
    public async Task A_log_that_fails_is_said_once_tried_again_every_interval_and_said_again_when_it_is_over()
    {
        var passes = 0;
        using var service = Service(_ => Interlocked.Increment(ref passes) switch
        {
            <= 3 => Task.FromException<bool>(new EventLogUnavailableException("the disk is full")),
            4 => Task.FromResult(false),
            5 => throw new InvalidOperationException("a fault"),
            _ => Task.FromResult(false),
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

    [Theory]
    [InlineData("MaxAge", "00:00:04")]
    [InlineData("MaxAge", "3651.00:00:00")]
    [InlineData("MaxPerOrganization", "0")]
    [InlineData("MaxPerOrder", "0")]
    [InlineData("Interval", "00:00:00.9")]
    [InlineData("Interval", "01:00:01")]
    public void A_setting_that_is_not_allowed_is_named(string name, string value) => Assert.Contains(
        name, Assert.Throws<OptionsValidationException>(() => Configured(name, value)).Message, StringComparison.Ordinal);

    [Fact]
    public void Settings_become_limits_whose_precision_is_the_interval_unless_that_made_too_many_marks()
    {
        Assert.Equal(
            new RetentionLimits(TimeSpan.FromDays(30), 1_000_000, 1000, TimeSpan.FromMinutes(1)), new RetentionOptions().Limits);
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

    private RetentionService Service(Func<RetentionLimits, Task<bool>> trim)
    {
        var log = DispatchProxy.Create<IEventLog, TrimmedLog>();
        ((TrimmedLog)log).Trim = trim;
        return new RetentionService(log, Options.Create(new RetentionOptions()), _time, _logger);
    }

    /// <summary>A log that can only be trimmed.</summary>
    public class TrimmedLog : DispatchProxy
    {
        public Func<RetentionLimits, Task<bool>>? Trim { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Trim!((RetentionLimits)args![0]!);
    }
}
