using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Examples;

/// <summary>The services that publish while an example runs.</summary>
internal static class Publish
{
    /// <summary>Publishes the statuses of an order.</summary>
    public static async Task ToAsync(ServerProcess server, string order, params string[] statuses)
    {
        await using var service = await PublishingService.ConnectAsync(server.GatewayPort);
        foreach (var status in statuses)
        {
            await service.PublishAsync("demo", order, status);
        }
    }

    /// <summary>Kills the server, and starts it again on its data.</summary>
    public static async Task RestartAsync(ServerProcess server)
    {
        await server.KillAsync();
        await server.StartAgainAsync();
    }
}
