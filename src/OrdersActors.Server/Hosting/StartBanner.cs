using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace OrdersActors.Server.Hosting;

/// <summary>What a person sees when the server has started: where it listens and what to try.</summary>
internal static class StartBanner
{
    public static void Write(WebApplication app, ServerOptions options, ServerRole role)
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        var url = addresses.First();
        var webSocket = url.Replace("http", "ws", StringComparison.Ordinal) + "/ws";
        Console.WriteLine($"OrdersActors ({app.Environment.EnvironmentName}) is ready.");
        if (role != ServerRole.Silo)
        {
            Console.WriteLine($"  clients     {webSocket}");
        }

        if (role != ServerRole.FrontEnd)
        {
            var data = options.ConnectionString is null ? options.DataDirectory : $"PostgreSQL, cluster {options.ClusterId}";
            Console.WriteLine($"  publishers  {options.Gateway}");
            Console.WriteLine($"  data        {data}");
        }

        if (app.Environment.IsDevelopment() && role == ServerRole.All)
        {
            Console.WriteLine($"""
                  board       {url}/
                Try it: open the board and press Connect, then in another terminal
                  dotnet run --project src/OrdersActors.Server -- publish --organization demo --order o-1 --status created
                """);
        }
    }
}
