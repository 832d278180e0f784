using System.Net;
using Orleans.Configuration;
using OrdersActors.Grains;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.Streaming;

namespace OrdersActors.Server.Hosting;

/// <summary>Makes a process a silo: alone, or one of a cluster whose membership is in PostgreSQL.</summary>
/// <remarks>
/// <para><b>When a silo counts as dead.</b> Each silo probes the others every second; after three probes in a row without an answer
/// it votes, and two votes (one, where only two silos are left) declare it dead: 3 to 4 seconds after a crash. Orleans' own
/// values, 5 seconds three times, keep every client of a dead silo waiting for 15 and more.</para>
/// <para><b>Not too soon.</b> A machine that is merely busy answers within three seconds. Before the last probe counts, another silo is
/// asked to try as well, and a silo that finds itself slow (its own timers late, its own probes failing) extends the time it
/// gives to others. A silo that stood still longer than that finds itself declared dead, and ends; whoever runs it starts it
/// anew, and its clients have long resumed elsewhere.</para>
/// </remarks>
internal static class SiloHosting
{
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(1);

    // Three of them without a sign of life, and whoever joins need not wait for one that died with all others.
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
            Join(silo, options, PostgresMembership.ConnectionString(ServerStorage.ReadPostgres(builder.Configuration, options)));
        }

        silo.Services.AddSingleton<IFatalErrorHandler, SiloEnd>();
        silo.AddOrderStreams().AddOrderGrains();
    });

    private static ISiloBuilder Listen(ISiloBuilder silo, ServerOptions options) => silo
        .Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (options.ClusterId, ServerOptions.ServiceId))
        .ConfigureEndpoints(options.AdvertisedAddress, options.SiloPort, options.GatewayPort);

    private static void Join(ISiloBuilder silo, ServerOptions options, string connectionString) => Listen(silo, options)
        .UseAdoNetClustering(membership =>
            (membership.Invariant, membership.ConnectionString) = (PostgresMembership.Invariant, connectionString))
        .Configure<ClusterMembershipOptions>(membership =>
        {
            membership.ProbeTimeout = ProbeTimeout;
            // Otherwise four times as long: whoever has been heard of within three of these is not voted against, and a silo that
            // stands still, whose connections stay open, would keep the others waiting for twelve seconds.
            membership.MaxProbeTimeout = ProbeTimeout;
            membership.NumMissedProbesLimit = 3;
            membership.NumVotesForDeathDeclaration = 2;
            membership.IAmAliveTablePublishTimeout = AliveInterval;
            // News travel from silo to silo; this is for those that were missed.
            membership.TableRefreshTimeout = TimeSpan.FromSeconds(10);
        });
}
