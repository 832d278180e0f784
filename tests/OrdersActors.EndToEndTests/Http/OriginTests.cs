using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Http;

/// <summary>Pages of other origins, over HTTP and on <c>/ws</c>.</summary>
public sealed class OriginTests
{
    private const string Listed = "https://shop.example";
    private const string Unlisted = "https://evil.example";

    [Fact]
    public async Task Organization_with_a_list_serves_its_own_pages_only()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings
        {
            Variables = { ["OrdersActors__FrontEnd__AllowedOrigins__demo"] = $"{Listed}, http://localhost:3000" },
        });
        await server.PublishAsync("demo", "o-1", "created");
        var (key, secret) = await server.CreateKeyAsync("acme");
        using var demo = new HttpPublisher(server.BaseAddress, "demo-key", "demo-secret");
        using var acme = new HttpPublisher(server.BaseAddress, key, secret);

        var read = (await GetAsync(demo, Listed)).Expect(200);
        Assert.Equal([Listed], read.Headers.GetValues("Access-Control-Allow-Origin"));
        Assert.Contains(
            "Link", read.Headers.GetValues("Access-Control-Expose-Headers").Single(), StringComparison.Ordinal);
        Assert.Contains("Origin", read.Headers.Vary);
        (await GetAsync(demo, Unlisted)).Expect(403, "access_denied");
        (await GetAsync(demo, null)).Expect(200);
        // Another organization has no list. The page gets no permission to read its answer.
        Assert.False((await GetAsync(acme, Listed)).Expect(200).Headers.Contains("Access-Control-Allow-Origin"));

        var preflight = await PreflightAsync(demo, Listed);
        Assert.Equal([Listed], preflight.Expect(204).Headers.GetValues("Access-Control-Allow-Origin"));
        Assert.Equal(["authorization"], preflight.Headers.GetValues("Access-Control-Allow-Headers"));
        Assert.False((await PreflightAsync(demo, Unlisted)).Headers.Contains("Access-Control-Allow-Origin"));

        Assert.Equal("connected", await ConnectAsync(server, Listed));
        Assert.Equal("access_denied", await ConnectAsync(server, Unlisted));
        Assert.Equal("access_denied", await ConnectAsync(server, "null"));
        Assert.Contains("OrdersActors:FrontEnd:AllowedOrigins:demo", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_list_any_page_may_use_the_socket_and_none_may_read_over_HTTP()
    {
        await using var server = await ServerProcess.StartAsync();
        await server.PublishAsync("demo", "o-1", "created");
        using var demo = new HttpPublisher(server.BaseAddress, "demo-key", "demo-secret");
        Assert.False((await GetAsync(demo, Unlisted)).Expect(200).Headers.Contains("Access-Control-Allow-Origin"));
        Assert.False((await PreflightAsync(demo, Unlisted)).Headers.Contains("Access-Control-Allow-Origin"));
        Assert.Equal("connected", await ConnectAsync(server, Unlisted));
    }

    private static Task<HttpAnswer> GetAsync(HttpPublisher http, string? origin)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/events?limit=1");
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        return http.SendAsync(request);
    }

    private static Task<HttpAnswer> PreflightAsync(HttpPublisher http, string origin)
    {
        var request = new HttpRequestMessage(HttpMethod.Options, "/v1/events");
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "GET");
        request.Headers.Add("Access-Control-Request-Headers", "authorization");
        return http.SendAsync(request);
    }

    /// <summary>Connects to <c>/ws</c> from a page. Returns the type of the answer, or the code of the error.</summary>
    private static async Task<string?> ConnectAsync(ServerProcess server, string origin)
    {
        await using var client = await SeedClient.OpenAsync(server.WebSocketAddress, origin);
        await client.SendAsync(SeedClient.Connect("demo-key"));
        await client.WaitForAsync(received => received.Count > 0, "an answer");
        var answer = client.Received[0];
        return answer.GetProperty("type").GetString() is "error"
            ? answer.GetProperty("data").GetProperty("code").GetString()
            : answer.GetProperty("type").GetString();
    }
}
