using System.Net.Sockets;
using System.Text;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Http;

/// <summary>The limits of the HTTP API on a real server with small limits.</summary>
public sealed class HttpLimitTests(HttpLimitTests.SmallServer small) : IClassFixture<HttpLimitTests.SmallServer>
{
    private const string Event = """{"order_id":"o","status":"s"}""";

    [Fact]
    public async Task Body_that_is_too_large_is_refused()
    {
        using var http = Publisher();
        (await http.PostAsync(Event + new string(' ', 5000))).Expect(413, "too_large");
        using var chunked = new StreamContent(new NoLength(Encoding.UTF8.GetBytes(Event + new string(' ', 5000))));
        (await http.PostAsync(chunked)).Expect(413, "too_large");
        (await http.PostAsync(Event + new string(' ', 2000))).Expect(201);
    }

    [Fact]
    public async Task Too_many_events_in_an_array_are_refused()
    {
        using var http = Publisher();
        (await http.PostAsync($"[{string.Join(',', Enumerable.Repeat(Event, 11))}]")).Expect(413, "too_large");
        (await http.PostAsync($"[{string.Join(',', Enumerable.Repeat(Event, 10))}]")).Expect(201);
        Assert.Equal(
            50, (await http.PostAsync(string.Join('\n', Enumerable.Repeat(Event, 50)), HttpPublisher.Lines))
                .Expect(201).Number("stored"));
    }

    [Fact]
    public async Task Key_that_sends_too_many_requests_is_told_when_to_retry()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings
        {
            Variables = { ["OrdersActors__Http__RequestRate"] = "1", ["OrdersActors__Http__RequestBurst"] = "2" },
        });
        using var http = new HttpPublisher(server.BaseAddress, "demo-key", "demo-secret");
        HttpAnswer answer;
        do
        {
            answer = await http.PostAsync(Event);
        }
        while (answer.Status == 201);
        answer.Expect(429, "rate_limited");
        Assert.True(answer.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Client_that_expects_100_continue_does_not_send_the_body_of_a_refused_request()
    {
        Assert.StartsWith("HTTP/1.1 401 ", await ExpectAsync("demo-key:wrong"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 100 Continue", await ExpectAsync("demo-key:demo-secret"), StringComparison.Ordinal);
    }

    private HttpPublisher Publisher() => new(small.Server.BaseAddress, "demo-key", "demo-secret");

    /// <summary>Sends only the headers of a request, and returns the first line of the answer.</summary>
    private async Task<string?> ExpectAsync(string credentials)
    {
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials));
        using var socket = new TcpClient();
        await socket.ConnectAsync(small.Server.BaseAddress.Host, small.Server.BaseAddress.Port);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /v1/events HTTP/1.1\r\nHost: {small.Server.BaseAddress.Authority}\r\n"
            + $"Authorization: Basic {basic}\r\nContent-Type: application/json\r\nContent-Length: 29\r\n"
            + "Expect: 100-continue\r\n\r\n"));
        using var reader = new StreamReader(stream);
        return await reader.ReadLineAsync();
    }

    public sealed class SmallServer : IAsyncLifetime
    {
        public ServerProcess Server { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Server = await ServerProcess.StartAsync(new ServerSettings
        {
            Variables =
            {
                ["OrdersActors__Http__MaxBodyBytes"] = "4096",
                ["OrdersActors__Http__MaxEventsPerRequest"] = "10",
            },
        });

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }

    /// <summary>A stream of unknown length, so that the client sends chunks.</summary>
    private sealed class NoLength(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
