using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using OrdersActors.Server.Board;

namespace OrdersActors.Server.Hosting;

/// <summary>Prints, when the server has started, the addresses that it listens on and a command to try.</summary>
internal static class StartBanner
{
    public static void Write(WebApplication app, ServerOptions options, ServerRole role)
    {
        var url = Url(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses);
        var text = new StringBuilder($"OrdersActors ({app.Environment.EnvironmentName}) is ready.");
        if (role != ServerRole.Silo)
        {
            // http becomes ws, and https becomes wss.
            text.Append($"\n  clients     ws{url["http".Length..]}/ws");
        }

        if (role != ServerRole.FrontEnd)
        {
            var data = options.ConnectionString is null
                ? options.DataDirectory
                : $"PostgreSQL, cluster {options.ClusterId}";
            text.Append($"\n  publishers  {options.Gateway}\n  data        {data}");
        }

        if (app.Environment.IsDevelopment() && role == ServerRole.All)
        {
            text.Append($"\n  board       {url}/\nTry it: open the board and press Connect, ")
                .Append($"then run in another terminal\n  {Publish(url)}");
        }

        ConsoleText.Write(Console.Out, text.ToString());
    }

    /// <summary>Returns a command that publishes an event, for another terminal.</summary>
    private static string Publish(string url)
    {
        var demo = DemoAccount.Current;
        const string Event = """{"order_id":"o-1","status":"created"}""";
        return $"curl -u {demo.ApiKey}:{demo.ApiSecret} -d '{Event}' {url}/v1/events";
    }

    /// <summary>Returns an address that a browser on this machine can open.</summary>
    private static string Url(ICollection<string> addresses) => addresses.FirstOrDefault() is { } address
        ? address.Replace("://[::]", "://localhost", StringComparison.Ordinal)
            .Replace("://0.0.0.0", "://localhost", StringComparison.Ordinal)
            .Replace("://*", "://localhost", StringComparison.Ordinal)
            .Replace("://+", "://localhost", StringComparison.Ordinal)
            .TrimEnd('/')
        : "http://localhost";
}
