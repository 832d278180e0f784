using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace OrdersActors.Server.Hosting;

/// <summary>What a person sees when the server has started: where it listens and what to try.</summary>
internal static class StartBanner
{
    public static void Write(WebApplication app, ServerOptions options)
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        var url = addresses.First();
        var webSocket = url.Replace("http", "ws", StringComparison.Ordinal) + "/ws";
        Console.WriteLine($"""
            OrdersActors ({app.Environment.EnvironmentName}) is ready.
              clients     {webSocket}
              publishers  127.0.0.1:{options.GatewayPort}
              data        {options.DataDirectory}
            """);
        if (app.Environment.IsDevelopment())
        {
            Console.WriteLine($"""
                  board       {url}/
                Try it: open the board and press Connect, then in another terminal
                  dotnet run --project src/OrdersActors.Server -- publish --organization demo --order o-1 --status created
                """);
        }
    }
}
