using System.Data.Common;
using System.Net;
using Orleans.Configuration;
using OrdersActors.Cluster;
using OrdersActors.Grains;
using OrdersActors.Server.Operators;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.Streaming;

namespace OrdersActors.Server.Hosting;

/// <summary>Makes a process a silo: a single one, or one of a cluster whose membership is in PostgreSQL.</summary>
/// <remarks>
/// <para><b>Detecting a dead silo.</b> Each silo probes the others every second. After three missed probes in a row it
/// votes the silo dead. Two votes (one, if only two silos are left) declare it dead, 3 to 4 seconds after a crash. With
/// the defaults of Orleans, three probes of 5 seconds, every client of a dead silo would wait for 15 seconds and
/// more.</para>
/// <para><b>Avoiding false alarms.</b> A silo on a busy machine still answers within three seconds. Before the last
/// missed probe counts, another silo is asked to probe as well. A silo that detects that it is slow itself (late
/// timers, failing probes) extends its probe timeout for others. A silo that is unresponsive for longer is declared
/// dead; when it runs again it notices this and terminates (<see cref="FatalErrorHandler"/>). Its supervisor restarts
/// it; by then its clients have resumed elsewhere.</para>
/// </remarks>
internal static class SiloHosting
{
    // If all silos crashed, nobody has declared them dead. A joining silo ignores an entry whose heartbeat is three
    // intervals old, so it waits at most 15 seconds for such silos.
    private static readonly TimeSpan AliveInterval = TimeSpan.FromSeconds(5);

    public static void AddSilo(this WebApplicationBuilder builder, ServerOptions options) => builder.UseOrleans(silo =>
    {
        if (options.ConnectionString is null)
        {
            // The membership is in this silo's memory: it is its own primary silo.
            Listen(silo, options).UseDevelopmentClustering(new IPEndPoint(options.AdvertisedAddress, options.SiloPort));
        }
        else
        {
            var postgres = ServerStorage.ReadPostgres(builder.Configuration, options);
            silo.Services.AddSingleton(_ => PostgresMembership.DataSource(postgres));
            Join(silo, options);
        }

        silo.UseTlsOf(options);
        silo.Services.AddSingleton<IFatalErrorHandler, FatalErrorHandler>();
        silo.AddOrderCluster().AddOrderStreams().AddOrderGrains();
        silo.AddOperators(OperatorOptions.Read(builder.Configuration));
    });

    private static ISiloBuilder Listen(ISiloBuilder silo, ServerOptions options) => silo
        .Configure<ClusterOptions>(cluster =>
            (cluster.ClusterId, cluster.ServiceId) = (options.ClusterId, ServerOptions.ServiceId))
        .ConfigureEndpoints(options.AdvertisedAddress, options.SiloPort, options.GatewayPort);

    private static void Join(ISiloBuilder silo, ServerOptions options) => Listen(silo, options)
        .UseAdoNetClustering(membership => membership.Configure<DbDataSource>((settings, source) =>
            (settings.Invariant, settings.DataSource) = (PostgresMembership.Invariant, source)))
        .Configure<ClusterMembershipOptions>(membership =>
        {
            membership.ProbeTimeout = Deadlines.SiloProbe;
            // The default is four times the probe timeout. Silos do not vote against a silo that has sent a message
            // within three of these periods. A frozen silo keeps its connections open, so with the default it would
            // block the others for twelve seconds.
            membership.MaxProbeTimeout = Deadlines.SiloProbe;
            membership.NumMissedProbesLimit = Deadlines.MissedSiloProbes;
            membership.NumVotesForDeathDeclaration = 2;
            membership.IAmAliveTablePublishTimeout = AliveInterval;
            // Silos gossip membership changes to each other; this poll covers a missed message.
            membership.TableRefreshTimeout = TimeSpan.FromSeconds(10);
        });
}
