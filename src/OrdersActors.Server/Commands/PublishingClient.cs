using System.Data.Common;
using System.Net.Sockets;
using OrdersActors.Publishing;
using OrdersActors.Publishing.Tls;
using OrdersActors.Server.Hosting;
using Orleans.Configuration;
using Orleans.Runtime.Messaging;

namespace OrdersActors.Server.Commands;

/// <summary>
/// The Orleans client of one command, which publishes like a service or asks grains for an operator. No wait is
/// unlimited, even if the server dies meanwhile. Connecting times out after the retry time that the user gave, but not
/// before <see cref="ShortestConnect"/> and not after <see cref="LongestConnect"/>. Appends and reads time out after
/// five seconds (<see cref="IEventWriterGrain"/>). A retry under the same event id is safe.
/// </summary>
internal sealed class PublishingClient : IAsyncDisposable
{
    private const int FindTries = 3;

    // A shorter timeout would fail on a server that is merely busy.
    private static readonly TimeSpan ShortestConnect = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestConnect = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(2);

    private readonly IHost _host;

    private PublishingClient(IHost host, string location)
    {
        _host = host;
        Location = location;
    }

    /// <summary>The gateways and the cluster's name, for messages.</summary>
    public string Location { get; }

    /// <summary>The grains of the cluster. Each of their calls has a timeout.</summary>
    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    public IOrderStatusPublisher Publisher => _host.Services.GetRequiredService<IOrderStatusPublisher>();

    /// <summary>Connects to a gateway.</summary>
    /// <exception cref="StartupException">No server answers, or the address is invalid.</exception>
    public static async Task<PublishingClient> ConnectAsync(
        IConfiguration configuration, string? gateway, TimeSpan retryFor, CancellationToken cancellationToken)
    {
        var options = ServerOptions.Read(configuration);
        var given = gateway is null ? null : ParseGateway(gateway);
        var gateways = ClusterClientHosting.FindGateways(options, given);
        var connectTimeout = retryFor < ShortestConnect ? ShortestConnect
            : retryFor > LongestConnect ? LongestConnect
            : retryFor;
        var builder = Host.CreateEmptyApplicationBuilder(null);
        // While it connects, the client requests the cluster's manifest, which has no timeout of its own. The setting
        // does not affect appends and reads.
        builder.UseOrleansClient(client => client
            .UseCluster(configuration, options, given)
            .Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = connectTimeout));
        builder.Services.AddOrderStatusPublisher(publishing => publishing.RetryFor = retryFor);
        var host = builder.Build();
        try
        {
            await ProbeAsync(gateways ?? [], cancellationToken);
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(connectTimeout);
            await host.StartAsync(timeout.Token);
            return new PublishingClient(host, $"{Describe(gateways)} (cluster {options.ClusterId})");
        }
        catch (Exception e) when (
            e is SocketException or ConnectionFailedException or OrleansException or TimeoutException or DbException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            var problem = host.Services.GetService<OutboundTls>()?.LastProblem;
            host.Dispose();
            var nobody = $"no server answers at {Describe(gateways)} (cluster {options.ClusterId})";
            throw new StartupException(IsUnknownHost(e)
                ? $"the gateway's host '{gateways![^1].Host}' cannot be resolved"
                : problem is not null ? $"{nobody} with TLS: {problem}"
                : options.Tls is not null
                    ? $"{nobody}; is one running? If it refuses this certificate, its log gives the reason (1621)"
                : $"{nobody}; is one running?");
        }
    }

    /// <summary>
    /// Reads a stored event. Each attempt asks another writer grain, which is likely to be reached through another
    /// gateway if there are several.
    /// </summary>
    /// <exception cref="StartupException">The server does not return the event.</exception>
    public async Task<OrderEvent> FindAsync(string organizationId, string eventId)
    {
        var grains = _host.Services.GetRequiredService<IGrainFactory>();
        for (var writer = 0; ; writer++)
        {
            try
            {
                return await grains.Find<IEventWriterGrain>(writer).Find(organizationId, eventId)
                    ?? throw new StartupException(
                        $"the event {eventId} was acknowledged, but the server cannot find it");
            }
            catch (Exception e) when (e is OrleansException or TimeoutException or EventLogUnavailableException)
            {
                if (writer + 1 == FindTries)
                {
                    throw new StartupException(
                        $"the event {eventId} is stored, but the server did not answer when its numbers were read");
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(StopTimeout);
        _host.Dispose();
    }

    /// <summary>
    /// Checks that one of the gateways accepts a connection. Orleans retries for a long time, so a user who mistyped a
    /// port would wait.
    /// </summary>
    private static async Task ProbeAsync(IReadOnlyList<GatewayAddress> gateways, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(TimeSpan.FromSeconds(3));
        for (var i = 0; i < gateways.Count; i++)
        {
            // No address family, because a host may have IPv6 addresses, IPv4 addresses, or both.
            using var socket = new TcpClient();
            try
            {
                await socket.ConnectAsync(gateways[i].Host, gateways[i].Port, timeout.Token);
                return;
            }
            catch (SocketException) when (i + 1 < gateways.Count)
            {
                // The next gateway may answer.
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException();
            }
        }
    }

    private static bool IsUnknownHost(Exception e) => e is SocketException
    {
        SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain,
    };

    private static string Describe(IReadOnlyList<GatewayAddress>? gateways) =>
        gateways is null ? "the gateways listed in PostgreSQL" : string.Join(", ", gateways);

    private static GatewayAddress ParseGateway(string gateway)
    {
        try
        {
            return GatewayAddress.Parse(gateway);
        }
        catch (FormatException e)
        {
            throw new StartupException(e.Message);
        }
    }
}
