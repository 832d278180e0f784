using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using OrdersActors.EndToEndTests.Commands;
using OrdersActors.EndToEndTests.NothingLost;
using OrdersActors.Publishing;
using OrdersActors.TestServer;
using WebShop = OrdersActors.EndToEndTests.Publishing.Shop;

namespace OrdersActors.EndToEndTests.Clustering;

/// <summary>Mutual TLS of the silo and gateway ports, with certificates made by the test.</summary>
[Collection(nameof(CheckedRun))]
public sealed class TlsTests : IDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(90);

    private readonly TestAuthority _authority = new("ours");
    private readonly TestAuthority _other = new("other");
    private readonly TlsFolder _tls;

    public TlsTests() => _tls = new TlsFolder(_authority);

    [Fact]
    public async Task Only_clients_with_a_certificate_of_the_authority_connect_to_the_gateway()
    {
        await using var server = await StartAsync();

        await using (var member = await PublishingService.ConnectAsync(server.GatewayPort, tls: _tls.Publisher))
        {
            await member.PublishAsync("demo", "o-tls", "created");
        }

        await RefusedAsync(server, null, "does not use TLS");
        await RefusedAsync(server, _tls.Write("stranger", _other.Issue("stranger")), "CN=stranger");
        await RefusedAsync(server, _tls.Write("lonely", TestAuthority.SelfSigned("lonely")), "CN=lonely");
        Assert.DoesNotContain("   at ", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_publishes_with_the_certificate_of_its_settings()
    {
        await using var server = await StartAsync();
        var silo = await server.RunPublishAsync("demo", "o-cmd", "created");
        Assert.Contains("\"version\":1", silo, StringComparison.Ordinal);

        var publisher = await server.RunPublishAsync("demo", "o-cmd", "paid", Arguments(_tls.Publisher));
        Assert.Contains("\"version\":2", publisher, StringComparison.Ordinal);

        var stranger = _tls.Write("stranger", _other.Issue("stranger"));
        await Failing.WithOneLineAsync(
            server.RunAsync(
                ["publish", "--organization", "demo", "--order", "o-cmd", "--status", "x", .. Arguments(stranger)]),
            "no server answers", "1621");
    }

    [Fact]
    public async Task Operators_command_lists_connections_with_the_certificate_of_its_settings()
    {
        await using var server = await StartAsync();
        await using var client = await SeedClient.ConnectAsync(server.WebSocketAddress, "demo-key");
        await Eventually(async () =>
        {
            var result = await server.RunAsync(["connections", .. Arguments(_tls.Publisher)]);
            return result.Output.Contains("1 listed of 1 that match, of 1 in all", StringComparison.Ordinal);
        });
        var stranger = _tls.Write("stranger", _other.Issue("stranger"));
        await Failing.WithOneLineAsync(server.RunAsync(["connections", .. Arguments(stranger)]), "no server answers");
    }

    [Fact]
    public async Task Publisher_keeps_publishing_while_certificates_and_authority_are_replaced()
    {
        await using var server = await StartAsync();
        await using var shop = ShopOf(server);
        await shop.StartAsync();
        // The publisher connects in the background and reads its files before the first attempt.
        await UntilAsync(
            () => shop.Log.Any(line => line.Contains("Connected to the order hub", StringComparison.Ordinal)),
            () => string.Join('\n', shop.Log));
        using var stop = new CancellationTokenSource();
        var publishing = PublishUntilAsync(shop.Publisher, stop.Token);

        // Old and new authority, then certificates of the new one, then only the new authority.
        _tls.Trust(_authority, _other);
        await LoadedAsync(server, shop, times: 1);
        _tls.Renew(_other);
        await LoadedAsync(server, shop, times: 2);
        await using (var renewed = await PublishingService.ConnectAsync(server.GatewayPort, tls: _tls.Publisher))
        {
            await renewed.PublishAsync("demo", "o-renewed", "created");
        }

        _tls.Trust(_other);
        await LoadedAsync(server, shop, times: 3);
        var old = _tls.Write("old", _authority.Issue("old publisher", isServer: false));
        await RefusedAsync(server, old, "CN=old publisher");

        // The shop's next connection uses the new certificate.
        await server.KillAsync();
        await server.StartAgainAsync();
        await stop.CancelAsync();
        var published = await publishing;
        await shop.Publisher.PublishAsync(
            "demo", new OrderStatusEvent { OrderId = "o-rotated", Status = "end" },
            TestContext.Current.CancellationToken);

        await using var client = await SeedClient.ConnectAsync(server.WebSocketAddress, "demo-key");
        await client.SendAsync(SeedClient.Resume("o-rotated", 0));
        await client.WaitForEventsAsync(published + 1);
        Assert.Equal(
            [.. Enumerable.Range(0, published).Select(n => $"step-{n}"), "end"],
            client.Events.Select(e => e.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task Unusable_certificate_is_reported_once_and_the_server_goes_on()
    {
        await using var server = await StartAsync();
        var good = _authority.Issue("silo");
        _tls.Write("server", good with { Pem = "half a file" });
        await UntilAsync(() => Count(server.Output, "[1531]") > 0, () => server.Output);
        await server.RunPublishAsync("demo", "o-bad", "created", Arguments(_tls.Publisher));
        _tls.Write("server", good);
        await UntilAsync(() => Count(server.Output, "[1530]") > 0, () => server.Output);
        Assert.Equal(1, Count(server.Output, "[1531]"));
        await server.RunPublishAsync("demo", "o-bad", "paid", Arguments(_tls.Publisher));
    }

    [Fact]
    public async Task Three_silos_and_a_front_end_publish_and_deliver()
    {
        RequiredPostgres.Check();
        await using var cluster = await ServerCluster.StartAsync(new ClusterSettings
        {
            Roles = [ServerRole.Silo, ServerRole.Silo, ServerRole.All, ServerRole.FrontEnd],
            Tls = _tls,
        });
        await using var shop = WebShop.Build(builder => builder.Services.AddOrderStatusPublisher(options =>
        {
            foreach (var gateway in cluster.Gateways)
            {
                options.Gateways.Add(new GatewayAddress($"{gateway.Address}", gateway.Port));
            }

            (options.ClusterId, options.Tls) = (cluster.Id, _tls.Publisher);
        }));
        await shop.StartAsync();
        // Many organizations, so that every silo has some.
        string[] organizations = [.. Enumerable.Range(0, 6).Select(i => $"shop-{i}")];
        foreach (var organization in organizations)
        {
            await shop.Publisher.PublishAsync(
                organization, new OrderStatusEvent { OrderId = "o-1", Status = "created" },
                TestContext.Current.CancellationToken);
        }

        await cluster.Servers[3].RunPublishAsync("demo", "o-1", "created", "--timeout", "60");
        foreach (var server in cluster.FrontEnds)
        {
            foreach (var organization in organizations)
            {
                var (key, _) = await cluster.Servers[0].CreateKeyAsync(organization);
                await using var client = await SeedClient.ConnectAsync(server.WebSocketAddress, key);
                await client.SendAsync(SeedClient.Resume("o-1", 0));
                await client.WaitForEventsAsync(1);
            }
        }

        // Neither the connections between the servers nor the probes of the shop's gateways were refused. Orleans warns
        // of its own when the machine is busy.
        Assert.All(cluster.Servers, server => Assert.DoesNotContain(
            server.Output.Split('\n'),
            line => line.Contains("warn:", StringComparison.Ordinal)
                && !line.Contains("Orleans.Runtime.Scheduler", StringComparison.Ordinal)));
    }

    public void Dispose()
    {
        _tls.Dispose();
        _authority.Dispose();
        _other.Dispose();
    }

    /// <summary>
    /// Expects that the server refuses a client and logs why. An Orleans client whose certificate is refused after its
    /// side of the handshake may try for a long time, so it is cancelled.
    /// </summary>
    private static async Task RefusedAsync(ServerProcess server, OrderTlsOptions? tls, string reason)
    {
        using var cancel = new CancellationTokenSource();
        var connecting = PublishingService.TryConnectAsync(server.GatewayPort, tls, cancel.Token);
        await UntilAsync(
            () => server.Output.Split('\n').Any(line =>
                line.Contains("[1621]", StringComparison.Ordinal) && line.Contains(reason, StringComparison.Ordinal)),
            () => server.Output);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => connecting.WaitAsync(WaitTimeout));
    }

    private static async Task<int> PublishUntilAsync(IOrderStatusPublisher publisher, CancellationToken stop)
    {
        var count = 0;
        for (; !stop.IsCancellationRequested; count++)
        {
            await publisher.PublishAsync(
                "demo", new OrderStatusEvent { OrderId = "o-rotated", Status = $"step-{count}" },
                CancellationToken.None);
            await Task.Delay(20, CancellationToken.None);
        }

        return count;
    }

    private static async Task LoadedAsync(ServerProcess server, WebShop shop, int times) => await UntilAsync(
        () => Count(server.Output, "[1530]") >= times
            && Count(string.Join('\n', shop.Log), "Loaded the TLS certificate") >= times,
        () => $"{server.Output}\n{string.Join('\n', shop.Log.Where(line => !line.StartsWith("Trace")))}");

    private static async Task UntilAsync(Func<bool> condition, Func<string> otherwise)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed < WaitTimeout, otherwise());
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private static async Task Eventually(Func<Task<bool>> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(watch.Elapsed < WaitTimeout, "the condition does not hold in time");
        }
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private static string[] Arguments(OrderTlsOptions options) =>
    [
        $"--OrdersActors:Tls:CertificateFile={options.CertificateFile}",
        $"--OrdersActors:Tls:KeyFile={options.KeyFile}",
        $"--OrdersActors:Tls:AuthorityFile={options.AuthorityFile}",
    ];

    private Task<ServerProcess> StartAsync() =>
        ServerProcess.StartAsync(new ServerSettings { Variables = _tls.Variables });

    private WebShop ShopOf(ServerProcess server) => WebShop.Build(
        builder => builder.Services.AddOrderStatusPublisher(options =>
        {
            options.Gateways.Add(new GatewayAddress("127.0.0.1", server.GatewayPort));
            (options.Tls, options.RetryFor) = (_tls.Publisher, WaitTimeout);
        }));
}
