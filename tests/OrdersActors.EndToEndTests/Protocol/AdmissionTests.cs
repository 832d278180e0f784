using System.Globalization;
using System.Text.Json;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Protocol;

/// <summary>A server with low connection limits behind a known proxy.</summary>
public sealed class SmallServer : IAsyncLifetime
{
    private ServerProcess? _server;

    public ServerProcess Server => _server!;

    public async ValueTask InitializeAsync() => _server = await ServerProcess.StartAsync(new ServerSettings
    {
        Variables = new()
        {
            ["OrdersActors__FrontEnd__MaxConnections"] = "6",
            ["OrdersActors__FrontEnd__MaxConnectionsPerAddress"] = "2",
            ["OrdersActors__FrontEnd__MaxUnauthenticatedConnections"] = "3",
            ["OrdersActors__FrontEnd__MaxHttpConnections"] = "10",
            ["OrdersActors__FrontEnd__AuthenticationDeadline"] = "00:05:00",
            ["OrdersActors__FrontEnd__FailedConnectsPerAddress"] = "5",
            ["OrdersActors__FrontEnd__FailedConnectRatePerAddress"] = "1",
            ["OrdersActors__FrontEnd__MaxFailedConnects"] = "3",
            ["OrdersActors__FrontEnd__KnownProxies"] = "127.0.0.1",
            ["Logging__LogLevel__OrdersActors.FrontEnd"] = "Debug",
        },
    });

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;
}

public sealed class AdmissionTests(SmallServer small) : IClassFixture<SmallServer>
{
    private Uri Address => small.Server.WebSocketAddress;

    [Fact]
    public async Task Connection_past_a_limit_gets_503_with_a_reason_and_a_retry_time()
    {
        var open = new List<RawWebSocket>();
        try
        {
            // The limits: two per address, three unauthenticated, six in all.
            open.Add(await OpenAsync("192.0.2.1"));
            open.Add(await OpenAsync("192.0.2.1"));
            await AssertRefusedAsync("192.0.2.1", "Your address");
            open.Add(await OpenAsync("192.0.2.2"));
            await AssertRefusedAsync("192.0.2.2", "not authenticated");
            foreach (var socket in open)
            {
                await AuthenticateAsync(socket);
            }

            open.Add(await OpenAsync("192.0.2.2"));
            open.Add(await OpenAsync("2001:db8::1"));
            open.Add(await OpenAsync("2001:db8::2"));
            foreach (var socket in open.Skip(3))
            {
                await AuthenticateAsync(socket);
            }

            await AssertRefusedAsync("192.0.2.9", "limit of connections");
            open[0].Dispose();
            open.Add(await OpenWhenThereIsRoomAsync("192.0.2.9"));
            await AssertLoggedAsync("Refused a connection from 192.0.2.9");
        }
        finally
        {
            foreach (var socket in open.Skip(1))
            {
                await CloseAsync(socket);
                socket.Dispose();
            }
        }
    }

    [Fact]
    public async Task Wrong_keys_past_the_connections_budget_are_refused_and_closed_with_1008()
    {
        using var socket = await OpenAsync("198.51.100.1");
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("invalid_api_key", await ConnectAsync(socket, "wrong"));
        }

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("rate_limited", await ConnectAsync(socket, "wrong"));
        }

        await socket.SendAsync(SeedClient.Connect("wrong"));
        Assert.Equal(("rate_limited", 1008), await socket.ReadClosingAsync());
        await AssertLoggedAsync("from 198.51.100.1 with 1008");
        await CloseAsync(socket);
    }

    [Fact]
    public async Task Known_key_is_accepted_past_the_budget_of_its_address()
    {
        for (var i = 0; i < 5; i++)
        {
            using var guess = await OpenAsync("198.51.100.2");
            await ConnectAsync(guess, "wrong");
            await CloseAsync(guess);
        }

        using (var elsewhere = await OpenAsync("198.51.100.3"))
        {
            await AuthenticateAsync(elsewhere);
            await CloseAsync(elsewhere);
        }

        using var beside = await OpenAsync("198.51.100.2");
        await AuthenticateAsync(beside);
        await CloseAsync(beside);
    }

    [Fact]
    public async Task Sockets_without_a_WebSocket_are_limited_and_do_not_count_once_they_have_one()
    {
        var waiting = new List<RawWebSocket>();
        try
        {
            // Health checks and earlier tests may hold a few, so the limit of 10 is reached by 11 at the latest.
            for (var i = 0; i < 11; i++)
            {
                var socket = new RawWebSocket();
                waiting.Add(socket);
                await socket.ConnectAsync(Address);
            }

            await WaitForRefusalAsync("203.0.113.1");

            foreach (var socket in waiting)
            {
                socket.Dispose();
            }

            using var upgraded = await OpenWhenThereIsRoomAsync("203.0.113.1");
            await AuthenticateAsync(upgraded);
            await CloseAsync(upgraded);
        }
        finally
        {
            foreach (var socket in waiting)
            {
                socket.Dispose();
            }
        }
    }

    /// <summary>The server writes its log in the background, so a line may appear after the answer.</summary>
    private async Task AssertLoggedAsync(string text)
    {
        for (var i = 0; i < 600 && !small.Server.Output.Contains(text, StringComparison.Ordinal); i++)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.Contains(text, small.Server.Output, StringComparison.Ordinal);
    }

    private async Task AssertRefusedAsync(string address, string reason)
    {
        using var socket = new RawWebSocket();
        var head = await socket.RequestAsync(Address, Request(address));
        Assert.StartsWith("HTTP/1.1 503 ", head, StringComparison.Ordinal);
        Assert.Contains("\r\nRetry-After: ", head, StringComparison.Ordinal);
        var length = int.Parse(head.Split("Content-Length: ")[1].Split('\r')[0], CultureInfo.InvariantCulture);
        var body = new byte[length];
        await socket.Stream.ReadExactlyAsync(body, TestContext.Current.CancellationToken);
        Assert.Contains(reason, System.Text.Encoding.UTF8.GetString(body), StringComparison.Ordinal);
    }

    private async Task<RawWebSocket> OpenAsync(string address)
    {
        var socket = new RawWebSocket();
        var head = await socket.RequestAsync(Address, Request(address));
        Assert.StartsWith("HTTP/1.1 101 ", head, StringComparison.Ordinal);
        return socket;
    }

    /// <summary>Closes the socket and waits for the end of the transport, which frees the connection's slot.</summary>
    private static async Task CloseAsync(RawWebSocket socket)
    {
        await socket.SendAsync(8, []);
        while (await socket.ReadAsync() is not null)
        {
        }
    }

    /// <summary>Waits until the server has counted the sockets that are open, and so closes a further one.</summary>
    private async Task WaitForRefusalAsync(string address)
    {
        for (var i = 0; i < 600; i++)
        {
            using var socket = new RawWebSocket();
            if (await TryUpgradeAsync(socket, address) == "")
            {
                return;
            }

            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        throw new TimeoutException("The server accepts more sockets than its limit.");
    }

    /// <summary>Opens a connection as soon as the server has noticed that another one is gone.</summary>
    private async Task<RawWebSocket> OpenWhenThereIsRoomAsync(string address)
    {
        for (var i = 0; i < 600; i++)
        {
            var socket = new RawWebSocket();
            var head = await TryUpgradeAsync(socket, address);
            if (head.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal))
            {
                return socket;
            }

            socket.Dispose();
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        throw new TimeoutException("No slot for a connection became free.");
    }

    /// <summary>Returns the head of the answer; empty if the server closes the connection without an answer.</summary>
    private async Task<string> TryUpgradeAsync(RawWebSocket socket, string address)
    {
        try
        {
            return await socket.RequestAsync(Address, Request(address));
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static string Request(string address) =>
        RawWebSocket.Upgrade(more: $"X-Forwarded-For: 203.0.113.77, {address}\r\n");

    private static async Task AuthenticateAsync(RawWebSocket socket)
    {
        await socket.SendAsync(SeedClient.Connect("demo-key"));
        Assert.Contains("authenticated", await socket.ReadTextAsync(), StringComparison.Ordinal);
    }

    private static async Task<string?> ConnectAsync(RawWebSocket socket, string key)
    {
        await socket.SendAsync(SeedClient.Connect(key));
        using var json = JsonDocument.Parse(await socket.ReadTextAsync());
        var data = json.RootElement.GetProperty("data");
        var code = data.GetProperty("code").GetString();
        var hasRetry = data.TryGetProperty("retry_after_ms", out var retry) && retry.GetInt64() > 0;
        Assert.Equal(code == "rate_limited", hasRetry);
        return code;
    }
}
