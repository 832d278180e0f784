using System.Data.Common;
using OrdersActors.Publishing;
using OrdersActors.Storage.PostgreSql;

namespace OrdersActors.Server.Hosting;

/// <summary>Makes a process a client of the cluster: a front end, or a command that publishes.</summary>
internal static class ClusterClientHosting
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Makes a front end a client of the cluster. It may start before the silos: the client retries until it has
    /// connected to one.
    /// </summary>
    public static void AddClusterClient(this WebApplicationBuilder builder, ServerOptions options) =>
        builder.UseOrleansClient(client => client
            .UseCluster(builder.Configuration, options)
            .UseConnectionRetryFilter(async (_, cancellationToken) =>
            {
                await Task.Delay(RetryInterval, cancellationToken);
                return true;
            }));

    /// <summary>
    /// Connects the client to the gateways that <see cref="FindGateways"/> returns, or to those in PostgreSQL's
    /// membership table if it returns null.
    /// </summary>
    public static IClientBuilder UseCluster(
        this IClientBuilder client, IConfiguration configuration, ServerOptions options, GatewayAddress? given = null)
    {
        if (FindGateways(options, given) is { } gateways)
        {
            return client.UseOrderGateways(options.ClusterId, waitForHub: true, gateways)
                .UseTlsOf(options).AddOrderStreams();
        }

        var postgres = ServerStorage.ReadPostgres(configuration, options);
        client.Services.AddSingleton(_ => PostgresMembership.DataSource(postgres));
        return client
            .UseAdoNetClustering(membership => membership.Configure<DbDataSource>((settings, source) =>
                (settings.Invariant, settings.DataSource) = (PostgresMembership.Invariant, source)))
            .UseOrderCluster(options.ClusterId)
            .UseTlsOf(options)
            .AddOrderStreams();
    }

    /// <summary>
    /// Returns the first of these that exists: the given gateway; the gateways in the settings; null if there is a
    /// connection string, which means the gateways in the database; the gateway of this machine.
    /// </summary>
    public static IReadOnlyList<GatewayAddress>? FindGateways(ServerOptions options, GatewayAddress? given) =>
        given is not null ? [given]
        : options.Gateways.Count > 0 ? options.Gateways
        : options.ConnectionString is not null ? null
        : [new GatewayAddress(options.AdvertisedAddress.ToString(), options.GatewayPort)];
}
