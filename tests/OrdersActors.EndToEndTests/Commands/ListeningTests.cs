using System.Net;
using System.Globalization;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Commands;

/// <summary>The addresses that a server listens on, and what it needs from its machine.</summary>
public sealed class ListeningTests
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Ports_set_by_a_container_image_are_used()
    {
        var port = ServerProcess.FreePorts(1)[0];
        await using var server = ServerProcess.Create(new ServerSettings
        {
            Variables =
            {
                ["ASPNETCORE_URLS"] = "",
                ["ASPNETCORE_HTTP_PORTS"] = port.ToString(CultureInfo.InvariantCulture),
            },
        });
        server.Launch();
        using var http = new HttpClient();
        await WaitAsync(
            async () => (await http.GetAsync(new Uri($"http://127.0.0.2:{port}/healthz/ready"))).StatusCode
                == HttpStatusCode.OK,
            server);
        Assert.Contains($"ws://localhost:{port}/ws", server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("warn:", server.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.2")]
    [InlineData("::1")]
    public async Task Gateway_of_a_single_machine_listens_on_the_advertised_address(string address)
    {
        Assert.SkipUnless(
            address != "::1" || System.Net.Sockets.Socket.OSSupportsIPv6,
            "Not permitted on this machine: it has no IPv6.");
        await using var server = await ServerProcess.StartAsync(new ServerSettings
        {
            Variables = { ["OrdersActors__AdvertisedAddress"] = address },
        });
        var gateway = new IPEndPoint(IPAddress.Parse(address), server.GatewayPort);
        Assert.Contains($"publishers  {gateway}", server.Output, StringComparison.Ordinal);
        Assert.Contains($"{server.BaseAddress}v1/events", server.Output, StringComparison.Ordinal);
        using var socket = new System.Net.Sockets.TcpClient(gateway.AddressFamily);
        await socket.ConnectAsync(gateway, TestContext.Current.CancellationToken);
        if (address != "::1")
        {
            await server.RunPublishAsync("demo", "o-1", "created");
        }
    }

    [Fact]
    public async Task Server_watches_no_files()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Other systems have no inotify.");
        await using var server = await ServerProcess.StartAsync();
        var files = Directory.GetFiles($"/proc/{server.ProcessId}/fd")
            .Select(TargetOf);
        Assert.DoesNotContain(files, file => file.Contains("inotify", StringComparison.Ordinal));
    }

    private static async Task WaitAsync(Func<Task<bool>> condition, ServerProcess server)
    {
        using var timeout = new CancellationTokenSource(StartTimeout);
        while (true)
        {
            try
            {
                if (await condition())
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // The server does not listen yet.
            }

            Assert.False(
                server.HasEnded || timeout.IsCancellationRequested, $"The server did not start:\n{server.Output}");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>What an open file is; empty if it has been closed since it was listed.</summary>
    private static string TargetOf(string descriptor)
    {
        try
        {
            return File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.Name ?? "";
        }
        catch (FileNotFoundException)
        {
            return "";
        }
    }
}
