using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OrdersActors.Benchmarks.Peers.Servers;

/// <summary>The web server of the peers that run on ASP.NET Core.</summary>
internal static class PeerWeb
{
    public static WebApplicationBuilder CreateBuilder(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        return builder;
    }

    /// <summary>Serves until the parent process kills this process.</summary>
    public static async Task RunAsync(WebApplication app, int triggerPort, Action<Trigger> onTrigger)
    {
        await app.StartAsync();
        new TriggerListener(triggerPort, onTrigger).Start();
        Console.WriteLine(PeerProcess.ReadyLine);
        await app.WaitForShutdownAsync();
    }
}
