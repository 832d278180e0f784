using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace OrdersActors.Server.Hosting;

/// <summary>What a person sees when the server has started: where it listens and what to try.</summary>
internal static class StartBanner
{
    private const int DefaultGatewayPort = 30000;

    public static void Write(WebApplication app, ServerOptions options, ServerRole role)
    {
        var url = Url(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses);
        var text = new StringBuilder($"OrdersActors ({app.Environment.EnvironmentName}) is ready.");
        if (role != ServerRole.Silo)
        {
            text.Append($"\n  clients     {url.Replace("http", "ws", StringComparison.Ordinal)}/ws");
        }

        if (role != ServerRole.FrontEnd)
        {
            var data = options.ConnectionString is null ? options.DataDirectory : $"PostgreSQL, cluster {options.ClusterId}";
            text.Append($"\n  publishers  {options.Gateway}\n  data        {data}");
        }

        if (app.Environment.IsDevelopment() && role == ServerRole.All)
        {
            text.Append($"\n  board       {url}/\nTry it: open the board and press Connect, then in another terminal\n  {Publish(options)}");
        }

        ConsoleText.Write(Console.Out, text.ToString());
    }

    /// <summary>The command as it works in another terminal, which has neither this process's settings nor its environment.</summary>
    private static string Publish(ServerOptions options)
    {
        var gateway = options.Gateway.Port == DefaultGatewayPort && options.Gateway.Address.Equals(System.Net.IPAddress.Loopback)
            ? ""
            : $" --gateway {options.Gateway}";
        return $"dotnet run --project src/OrdersActors.Server -- publish{gateway} --organization demo --order o-1 --status created";
    }

    /// <summary>An address that a browser on this machine can open.</summary>
    private static string Url(ICollection<string> addresses) => addresses.FirstOrDefault() is { } address
        ? address.Replace("://[::]", "://localhost", StringComparison.Ordinal)
            .Replace("://0.0.0.0", "://localhost", StringComparison.Ordinal)
            .Replace("://*", "://localhost", StringComparison.Ordinal)
            .Replace("://+", "://localhost", StringComparison.Ordinal)
            .TrimEnd('/')
        : "http://localhost";
}
