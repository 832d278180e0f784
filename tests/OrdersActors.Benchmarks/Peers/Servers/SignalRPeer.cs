using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;

namespace OrdersActors.Benchmarks.Peers.Servers;

/// <summary>A SignalR server with one group for each order.</summary>
internal static class SignalRPeer
{
    public static async Task RunAsync(int port, int triggerPort)
    {
        var builder = PeerWeb.CreateBuilder(port);
        // The load process answers pings, but does not ping busy connections.
        builder.Services.AddSignalR(options => options.ClientTimeoutInterval = TimeSpan.FromHours(1));
        var app = builder.Build();
        app.UseWebSockets();
        app.MapHub<PeerHub>("/hub");
        var hub = app.Services.GetRequiredService<IHubContext<PeerHub>>();
        var version = 0L;
        await PeerWeb.RunAsync(app, triggerPort, trigger =>
        {
            var sending = hub.Clients.Group(EventPayload.OrderId(trigger.Topic))
                .SendAsync("event", PeerEvent.Of(trigger, ++version));
            if (!sending.IsCompletedSuccessfully)
            {
                sending.GetAwaiter().GetResult();
            }
        });
    }
}
