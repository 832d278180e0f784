using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace OrdersActors.Publishing.Hubs;

/// <summary>The name of a registered publisher; empty for the one without a key.</summary>
internal sealed record PublisherName(string Name);

/// <summary>
/// Starts the hubs of all publishers with the host, without waiting for their connections. Stops them after all other
/// hosted services.
/// </summary>
internal sealed class HubService(
    IServiceProvider services, IEnumerable<PublisherName> names, IOptionsMonitor<OrderStatusPublisherOptions> options)
    : IHostedLifecycleService
{
    // The host calls its services one step after the other, so the field needs no fence.
    private OrderHub[] _hubs = [];

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _hubs = [.. names
            .Where(publisher => options.Get(publisher.Name).Gateways.Count > 0)
            .Select(publisher => services.GetRequiredKeyedService<IOrderHub>(publisher.Name))
            .OfType<OrderHub>()];
        Array.ForEach(_hubs, hub => hub.Start());
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_hubs.Select(hub => hub.StopAsync(cancellationToken)));
}
