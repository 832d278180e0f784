using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Configuration;
using OrdersActors.Cluster;
using OrdersActors.Grains;
using OrdersActors.Publishing;
using OrdersActors.Storage;
using OrdersActors.Storage.Sqlite;
using OrdersActors.Streaming;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Publishing.Gateways;

/// <summary>A silo that listens only on the IPv6 loopback address.</summary>
public sealed class Ipv6GatewayTests
{
    [Theory]
    [InlineData("::1")]
    [InlineData("localhost")]
    public async Task IPv6_gateway_is_found_by_address_and_by_name(string host)
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "Not permitted on this machine: it has no IPv6");
        var token = TestContext.Current.CancellationToken;
        if (host == "localhost")
        {
            var addresses = await Dns.GetHostAddressesAsync(host, token);
            Assert.SkipUnless(
                addresses.Contains(IPAddress.IPv6Loopback),
                "Not permitted on this machine: localhost has no IPv6 address");
        }

        using var folder = new TempFolder();
        var options = new SqliteStorageOptions { DataDirectory = folder.Path, FullDurability = false };
        await using var log = SqliteEventLog.Open(
            options, TimeProvider.System, NullLogger<SqliteEventLog>.Instance);
        var keys = new SqliteApiKeyStore(options, new EphemeralDataProtectionProvider(), TimeProvider.System);
        var ports = ServerProcess.FreePorts(2);
        using var silo = BuildSilo(log, keys, ports[0], ports[1]);
        await silo.StartAsync(token);
        using var shop = BuildPublisher(new GatewayAddress(host, ports[1]));
        await shop.StartAsync(token);
        await shop.Services.GetRequiredService<IOrderStatusPublisher>()
            .PublishAsync("shop", new OrderStatusEvent { OrderId = "o-1", Status = "paid", Id = "v6" }, token);
        Assert.NotNull(await log.FindAsync("shop", "v6", token));
        await shop.StopAsync(token);
        await silo.StopAsync(token);
    }

    private static IHost BuildSilo(IEventLog log, IApiKeyStore keys, int siloPort, int gatewayPort)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(log);
        builder.Services.AddSingleton(keys);
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(
                siloPort, gatewayPort, new IPEndPoint(IPAddress.IPv6Loopback, siloPort), "orders-actors",
                "orders-actors")
            .Configure<EndpointOptions>(endpoints =>
            {
                endpoints.AdvertisedIPAddress = IPAddress.IPv6Loopback;
                endpoints.SiloListeningEndpoint = new IPEndPoint(IPAddress.IPv6Loopback, siloPort);
                endpoints.GatewayListeningEndpoint = new IPEndPoint(IPAddress.IPv6Loopback, gatewayPort);
            })
            .AddOrderCluster()
            .AddOrderStreams()
            .AddOrderGrains());
        return builder.Build();
    }

    private static IHost BuildPublisher(GatewayAddress gateway)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddOrderStatusPublisher(options =>
        {
            options.Gateways.Add(gateway);
            options.RetryFor = TimeSpan.FromMinutes(2);
        });
        return builder.Build();
    }
}
