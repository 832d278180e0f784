using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using OrdersActors.Server.Hosting;
using OrdersActors.Server.Telemetry;
using OrdersActors.TestServer;
using ServerRole = OrdersActors.Server.Hosting.ServerRole;

namespace OrdersActors.Tests.Server.Hosting;

public sealed class PortCheckTests
{
    private readonly int[] _ports = ServerProcess.FreePorts(3);

    [Theory]
    [InlineData("127.0.0.2", "http://127.0.0.2:{0}", true)]
    [InlineData("127.0.0.2", "http://127.0.0.1:{0}", false)]
    [InlineData("127.0.0.2", "http://localhost:{0}", false)]
    [InlineData("127.0.0.1", "http://localhost:{0}", true)]
    [InlineData("127.0.0.2", "https://127.0.0.2:{0}", true)]
    [InlineData("127.0.0.1", "https://localhost:{0}", true)]
    [InlineData("127.0.0.2", "http://*:{0}", true)]
    [InlineData("127.0.0.2", "http://+:{0}", true)]
    [InlineData("127.0.0.2", "http://0.0.0.0:{0}", true)]
    [InlineData("127.0.0.2", "http://shop.example:{0}", true)]
    [InlineData("0.0.0.0", "http://127.0.0.2:{0}", true)]
    public void URL_is_refused_only_if_an_address_that_it_binds_is_taken(string taken, string url, bool isRefused)
    {
        using var other = new TcpListener(IPAddress.Parse(taken), _ports[0]);
        other.Start();
        var given = string.Format(System.Globalization.CultureInfo.InvariantCulture, url, _ports[0]);
        if (isRefused)
        {
            Refused(given, $"port {_ports[0]} is taken", given);
        }
        else
        {
            Check([given]);
        }
    }

    [Fact]
    public void Taken_IPv6_address_is_named()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "Not permitted on this machine: it has no IPv6");
        using var other = new TcpListener(IPAddress.IPv6Loopback, _ports[0]);
        other.Start();
        Refused($"http://[::1]:{_ports[0]}", "taken", "::1");
        Refused($"http://localhost:{_ports[0]}", "taken", "::1");
    }

    [Fact]
    public void Address_of_another_machine_is_named() =>
        Refused($"http://192.0.2.1:{_ports[0]}", "192.0.2.1 is not an address of this machine", "the URL");

    [Fact]
    public void Port_used_by_two_URLs_is_named() => Assert.Contains(
        "given twice",
        Assert.Throws<StartupException>(
            () => Check([$"http://127.0.0.1:{_ports[0]}", $"http://127.0.0.1:{_ports[0]}"])).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Port_used_by_the_gateway_and_a_URL_is_named()
    {
        var e = Assert.Throws<StartupException>(
            () => PortCheck.Run(
                Options(), ServerRole.All, new TelemetryOptions(), Named([$"http://*:{_ports[2]}"])));
        Assert.Contains("OrdersActors:GatewayPort", e.Message, StringComparison.Ordinal);
        Assert.Contains("must differ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Port_of_metrics_that_is_also_a_port_of_clients_is_named()
    {
        var telemetry = new TelemetryOptions { PrometheusPort = _ports[0] };
        var e = Assert.Throws<StartupException>(() => PortCheck.Run(
            Options(), ServerRole.FrontEnd, telemetry, Named([$"http://*:{_ports[0]}"])));
        Assert.Contains("OrdersActors:Telemetry:PrometheusPort", e.Message, StringComparison.Ordinal);
        Assert.Contains("must differ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Address_of_metrics_that_is_not_of_this_machine_is_named()
    {
        var telemetry = new TelemetryOptions { PrometheusPort = _ports[0], PrometheusAddress = "192.0.2.1" };
        var e = Assert.Throws<StartupException>(
            () => PortCheck.Run(Options(), ServerRole.FrontEnd, telemetry, []));
        Assert.Contains("192.0.2.1 is not an address of this machine", e.Message, StringComparison.Ordinal);
        Assert.Contains("OrdersActors:Telemetry:PrometheusAddress", e.Message, StringComparison.Ordinal);
    }

    private static void Refused(string url, params string[] words)
    {
        var e = Assert.Throws<StartupException>(() => Check([url]));
        Assert.All(words, word => Assert.Contains(word, e.Message, StringComparison.Ordinal));
    }

    private static void Check(string[] urls) => PortCheck.Run(
        ServerOptions.Read(new ConfigurationBuilder().Build()), ServerRole.FrontEnd, new TelemetryOptions(),
        Named(urls));

    private static IEnumerable<(string Url, string Setting)> Named(string[] urls) =>
        urls.Select(url => (url, $"the URL {url}"));

    private ServerOptions Options() => ServerOptions.Read(new ConfigurationBuilder()
        .AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["OrdersActors:SiloPort"] = $"{_ports[1]}",
            ["OrdersActors:GatewayPort"] = $"{_ports[2]}",
        })
        .Build());
}
