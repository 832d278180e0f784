using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrdersActors.Publishing.Hubs;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Publishing.Hubs;

public sealed class BackgroundClientTests
{
    private readonly ConcurrentQueue<string> _events = [];
    private readonly RecordingLogger<BackgroundClient> _logger = new();
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly TimerCountingClock _time = new();
    private HubContact? _contact;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Client_stops_after_all_other_services_although_it_starts_before_them()
    {
        using var host = Build();
        _connected.SetResult();
        await host.StartAsync(Token);
        await host.StopAsync(Token);
        Assert.Equal("client stops", _events.Last());
        Assert.Contains("service stops", _events);
        Assert.Equal([1521], _logger.Ids);
    }

    [Fact]
    public async Task Start_of_the_host_waits_one_second_for_the_first_attempt()
    {
        using var host = Build();
        await StartUnconnectedAsync(host);
        _connected.SetResult();
        await Eventually.Holds(() => _logger.Ids.Length == 1, () => "the client is not connected");
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task Start_of_the_host_ends_when_the_first_attempt_fails()
    {
        using var host = Build();
        var starting = host.StartAsync(Token);
        await Eventually.Holds(() => _time.Timers == 1, () => "the host does not wait");
        var retry = new HubRetry(_contact!, _time).ShouldRetryConnectionAttempt(new IOException("refused"), Token);
        await starting;
        Assert.Equal([1520], _logger.Ids);
        _time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.True(await retry);
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task Stop_of_the_application_ends_a_start_that_is_not_connected()
    {
        using var host = Build();
        await StartUnconnectedAsync(host);
        await host.StopAsync(Token);
        Assert.Contains("client start cancelled", _events);
        Assert.DoesNotContain("client stops", _events);
        Assert.Empty(_logger.Ids);
    }

    [Fact]
    public async Task Failure_that_no_retry_repairs_stops_the_application()
    {
        using var host = Build();
        // A host that stops while it starts fails with a cancellation. So the failure comes after the start.
        await StartUnconnectedAsync(host);
        _connected.SetException(new InvalidOperationException("broken"));
        await host.WaitForShutdownAsync(Token);
        Assert.Equal([1520, 1523], _logger.Ids);
        Assert.Contains("broken", _logger.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_that_was_not_stopped_stops_when_it_is_disposed()
    {
        await using (var client = Create(lifetime: null))
        {
            _connected.SetResult();
            await client.StartAsync(Token);
        }

        Assert.Equal(["client starts", "client stops"], _events);
    }

    /// <summary>Starts the host. Its start waits one second for the client's first attempt.</summary>
    private async Task StartUnconnectedAsync(IHost host)
    {
        var starting = host.StartAsync(Token);
        await Eventually.Holds(() => _time.Timers == 1, () => "the host does not wait");
        Assert.False(starting.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        await starting;
    }

    private IHost Build()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<IHostedService>(new Service(_events));
        builder.Services.AddSingleton<IHostedService>(
            provider => Create(provider.GetRequiredService<IHostApplicationLifetime>()));
        builder.Services.AddSingleton<IHostedService>(new Service(_events));
        return builder.Build();
    }

    private BackgroundClient Create(IHostApplicationLifetime? lifetime)
    {
        _contact = new HubContact("hub:1", _time, _logger, lifetime?.ApplicationStopping ?? default);
        return new BackgroundClient(new Client(_events, _connected.Task), _contact, _time, lifetime, _logger);
    }

    /// <summary>Orleans' client, which connects when the test lets it.</summary>
    private sealed class Client(ConcurrentQueue<string> events, Task connected) : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellationToken)
        {
            events.Enqueue("client starts");
            try
            {
                await connected.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                events.Enqueue("client start cancelled");
                throw;
            }
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            events.Enqueue("client stops");
            return Task.CompletedTask;
        }
    }

    private sealed class Service(ConcurrentQueue<string> events) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            events.Enqueue("service stops");
            return Task.CompletedTask;
        }
    }
}
