using System.CommandLine;
using OrdersActors.Server.Hosting;

namespace OrdersActors.Server.Commands.Orders;

/// <summary>The options of commands that read feeds.</summary>
internal static class FeedOptions
{
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(10);

    public static Option<string> Organization() => new("--organization")
    {
        Description = "The organization.",
        Required = true,
    };

    public static Option<string?> Gateway() => new("--gateway")
    {
        Description = "HOST:PORT of a silo's gateway to read through, instead of the database. Default: the database, "
            + "or the gateways of the settings if they name no database.",
    };

    /// <summary>
    /// Opens the gateway of the call, or the gateways of the settings, or the database.
    /// </summary>
    /// <exception cref="StartupException">A setting is invalid, or no server answers.</exception>
    public static async Task<IFeedSource> OpenAsync(
        IConfiguration configuration, string? gateway, CancellationToken cancellationToken)
    {
        var options = ServerOptions.Read(configuration);
        return gateway is not null || (options.Gateways.Count > 0 && options.ConnectionString is null)
            ? new GatewaySource(
                await PublishingClient.ConnectAsync(configuration, gateway, ConnectTime, cancellationToken))
            : new DatabaseSource(await ServerStorage.OpenReaderAsync(configuration, options, cancellationToken));
    }
}
