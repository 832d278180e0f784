using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrdersActors.Publishing;
using OrdersActors.Publishing.Hubs;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Publishing.Hubs;

/// <summary>Applications with their own Orleans client whose hub is down: nothing listens at its gateway.</summary>
public sealed class BackgroundStartTests
{
    private static readonly TimeSpan Prompt = TimeSpan.FromSeconds(30);
    private static readonly OrderStatusEvent Event = new() { OrderId = "o-1", Status = "paid" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Host_starts_while_the_hub_is_down_and_publish_fails_after_RetryFor()
    {
        using var host = Build(TimeSpan.FromMilliseconds(200));
        await host.StartAsync(Token).WaitAsync(Prompt, Token);
        var watch = Stopwatch.StartNew();
        var e = await Assert.ThrowsAsync<PublishFailedException>(
            () => Publisher(host).PublishAsync("shop", Event, Token));
        Assert.True(watch.Elapsed > TimeSpan.FromMilliseconds(150), $"{watch.Elapsed}");
        Assert.Contains("no connection to 127.0.0.1:", e.Message, StringComparison.Ordinal);
        await host.StopAsync(Token).WaitAsync(Prompt, Token);
    }

    [Fact]
    public async Task Waiting_publish_fails_promptly_when_the_host_stops()
    {
        using var host = Build(TimeSpan.FromHours(1));
        await host.StartAsync(Token);
        var waiting = Publisher(host).PublishAsync("shop", Event, Token);
        Assert.False(waiting.IsCompleted);
        var stopping = host.StopAsync(Token);
        await Assert.ThrowsAsync<PublishFailedException>(() => waiting.WaitAsync(Prompt, Token));
        await stopping.WaitAsync(Prompt, Token);
    }

    [Fact]
    public async Task Outage_is_one_line_of_this_library_in_the_log()
    {
        var logger = new RecordingLogger<BackgroundClient>();
        using var host = Build(TimeSpan.FromSeconds(3), services =>
            services.AddSingleton<ILogger<BackgroundClient>>(logger));
        await host.StartAsync(Token);
        // Several connection attempts fail in the meantime.
        await Assert.ThrowsAsync<PublishFailedException>(() => Publisher(host).PublishAsync("shop", Event, Token));
        await host.StopAsync(Token);
        Assert.Equal([1520], logger.Ids);
    }

    [Fact]
    public void Only_the_clients_hosted_service_is_replaced_and_only_once()
    {
        using var background = Build(TimeSpan.Zero, builds: 2);
        Assert.Single(background.Services.GetServices<IHostedService>().OfType<BackgroundClient>());
        Assert.DoesNotContain(background.Services.GetServices<IHostedService>(), service => service is IClusterClient);
        using var waiting = Build(TimeSpan.Zero, waitForHub: true);
        Assert.Empty(waiting.Services.GetServices<IHostedService>().OfType<BackgroundClient>());
        Assert.Single(waiting.Services.GetServices<IHostedService>(), service => service is IClusterClient);
    }

    private static IHost Build(
        TimeSpan retryFor, Action<IServiceCollection>? configure = null, bool waitForHub = false, int builds = 1)
    {
        var gateway = new GatewayAddress("127.0.0.1", ServerProcess.FreePorts(1)[0]);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        for (var i = 0; i < builds; i++)
        {
            builder.UseOrleansClient(client => client
                .UseOrderGateways("orders-actors", waitForHub, gateway)
                .AddOrderStreams());
        }

        builder.Services.AddOrderStatusPublisher(options => options.RetryFor = retryFor);
        configure?.Invoke(builder.Services);
        return builder.Build();
    }

    private static IOrderStatusPublisher Publisher(IHost host) =>
        host.Services.GetRequiredService<IOrderStatusPublisher>();
}
