using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrdersActors.Publishing;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Publishing.Hubs;

/// <summary>Applications whose order hub is down: nothing listens at its gateway.</summary>
public sealed class OrderHubTests
{
    private static readonly TimeSpan Prompt = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private static readonly OrderStatusEvent Event = new() { OrderId = "o-1", Status = "paid" };

    [Fact]
    public async Task Host_starts_while_the_hub_is_down()
    {
        using var host = Build(Longest);
        await host.StartAsync(Token).WaitAsync(Prompt, Token);
        await host.StopAsync(Token).WaitAsync(Prompt, Token);
    }

    [Fact]
    public async Task Publish_fails_with_the_documented_exception_after_RetryFor()
    {
        using var host = Build(TimeSpan.FromMilliseconds(200));
        await host.StartAsync(Token);
        var watch = Stopwatch.StartNew();
        var e = await Assert.ThrowsAsync<PublishFailedException>(
            () => Publisher(host).PublishAsync("shop", Event, Token));
        Assert.True(watch.Elapsed > TimeSpan.FromMilliseconds(150), $"{watch.Elapsed}");
        Assert.Contains("no connection to 127.0.0.1:", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, e.Stored);
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task Publish_before_the_start_fails_with_the_documented_exception()
    {
        using var host = Build(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAsync<PublishFailedException>(() => Publisher(host).PublishAsync("shop", Event, Token));
        await Assert.ThrowsAsync<PublishFailedException>(() => Publisher(host).PublishAsync("shop", [Event], Token));
        var e = await Assert.ThrowsAsync<InvalidOrderEventException>(() =>
            Publisher(host).PublishAsync("shop", Event with { Details = "{\"a\":\"\\ud83d\"}" }, Token));
        Assert.Equal("details", e.Field);
    }

    [Fact]
    public async Task Waiting_publish_fails_promptly_when_the_host_stops()
    {
        using var host = Build(Longest);
        await host.StartAsync(Token);
        var waiting = Publisher(host).PublishAsync("shop", Event, Token);
        Assert.False(waiting.IsCompleted);
        var stopping = host.StopAsync(Token);
        await Assert.ThrowsAsync<PublishFailedException>(() => waiting.WaitAsync(Prompt, Token));
        await stopping.WaitAsync(Prompt, Token);
        await Assert.ThrowsAsync<PublishFailedException>(() =>
            Publisher(host).PublishAsync("shop", Event, Token).WaitAsync(Prompt, Token));
    }

    [Fact]
    public async Task Cancelled_publish_ends_with_its_token()
    {
        using var host = Build(Longest);
        using var cancelled = new CancellationTokenSource();
        var waiting = Publisher(host).PublishAsync("shop", Event, cancelled.Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Prompt, Token));
    }

    [Fact]
    public async Task Outage_is_one_line_in_the_log()
    {
        var lines = new RecordingProvider();
        using var host = Build(TimeSpan.FromSeconds(3), lines);
        await host.StartAsync(Token);
        // Several connection attempts fail in the meantime.
        await Assert.ThrowsAsync<PublishFailedException>(() => Publisher(host).PublishAsync("shop", Event, Token));
        await Eventually.Holds(() => Own().Any(), () => "the outage was not logged");
        await host.StopAsync(Token);
        Assert.Contains("No connection to the order hub 127.0.0.1:", Assert.Single(Own()), StringComparison.Ordinal);

        IEnumerable<string> Own() =>
            lines.Lines.Where(line => !line.Contains("Microsoft.Hosting", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Provider_without_a_host_can_be_disposed()
    {
        var services = new ServiceCollection().AddLogging();
        AddPublisher(services, TimeSpan.Zero);
        using var provider = services.BuildServiceProvider();
        var publisher = provider.GetRequiredService<IOrderStatusPublisher>();
        await Assert.ThrowsAsync<PublishFailedException>(() => publisher.PublishAsync("shop", Event, Token));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static IHost Build(TimeSpan retryFor, ILoggerProvider? log = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        AddPublisher(builder.Services, retryFor);
        if (log is not null)
        {
            builder.Logging.AddProvider(log);
        }

        return builder.Build();
    }

    private static void AddPublisher(IServiceCollection services, TimeSpan retryFor)
    {
        var port = ServerProcess.FreePorts(1)[0];
        services.AddOrderStatusPublisher(options =>
        {
            options.Gateways.Add(new GatewayAddress("127.0.0.1", port));
            options.RetryFor = retryFor;
        });
    }

    private static IOrderStatusPublisher Publisher(IHost host) =>
        host.Services.GetRequiredService<IOrderStatusPublisher>();

    private sealed class RecordingProvider : ILoggerProvider, ILogger
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> _lines = [];
        private string _category = "";

        public IEnumerable<string> Lines => _lines;

        public ILogger CreateLogger(string categoryName) => new RecordingProvider(_lines) { _category = categoryName };

        public RecordingProvider()
        {
        }

        private RecordingProvider(System.Collections.Concurrent.ConcurrentQueue<string> lines) => _lines = lines;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue($"{logLevel} {_category}: {formatter(state, exception)}");

        public void Dispose()
        {
        }
    }
}
