using System.Net;
using Orleans.Configuration;
using OrdersActors.Publishing;
using OrdersActors.Storage.PostgreSql;

namespace OrdersActors.Server.Hosting;

/// <summary>Makes a process a client of the cluster: a front end, or a command that publishes.</summary>
internal static class ClusterClientHosting
{
    private static readonly TimeSpan ConnectPause = TimeSpan.FromSeconds(1);

    // How soon a client hears of silos that joined; those that left it notices by itself.
    private static readonly TimeSpan GatewayRefresh = TimeSpan.FromSeconds(5);

    /// <summary>A front end without a silo. It may start before the silos do: it tries until it finds one.</summary>
    public static void AddClusterClient(this WebApplicationBuilder builder, ServerOptions options) => builder.UseOrleansClient(client => client
        .UseCluster(builder.Configuration, options)
        .UseConnectionRetryFilter(async (_, cancellationToken) =>
        {
            await Task.Delay(ConnectPause, cancellationToken);
            return true;
        }));

    /// <summary>
    /// The gateways are those that are given; else those in the settings; else those of the database; else the one of this machine.
    /// </summary>
    public static IClientBuilder UseCluster(
        this IClientBuilder client, IConfiguration configuration, ServerOptions options, IReadOnlyList<IPEndPoint>? given = null)
    {
        var gateways = given ?? (options.Gateways.Count > 0 ? options.Gateways : null);
        if (gateways is null && options.ConnectionString is not null)
        {
            var connectionString = PostgresMembership.ConnectionString(ServerStorage.ReadPostgres(configuration, options));
            client.UseAdoNetClustering(membership =>
                (membership.Invariant, membership.ConnectionString) = (PostgresMembership.Invariant, connectionString));
        }
        else
        {
            client.UseStaticClustering([.. gateways ?? [options.Gateway]]);
        }

        return client
            .Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (options.ClusterId, ServerOptions.ServiceId))
            .Configure<GatewayOptions>(gateway => gateway.GatewayListRefreshPeriod = GatewayRefresh)
            .AddOrderStreams();
    }
}
