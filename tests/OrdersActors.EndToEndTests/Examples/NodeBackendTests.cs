using System.Net;
using System.Text.Json;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Examples;

/// <summary>The tokens of the example of a backend.</summary>
public sealed class NodeBackendTests(RunningServer running)
{
    [Fact]
    public async Task Token_of_a_customer_covers_only_the_customers_orders()
    {
        var (own, foreign) = (await running.NewDemoOrderAsync(), await running.NewDemoOrderAsync());
        await using var backend = await NodeBackend.StartAsync(running.Server, own);
        using var http = new HttpClient { BaseAddress = backend.Address };
        await http.GetAsync("/", TestContext.Current.CancellationToken);
        await using var client = await ConnectAsync(http);
        await client.SubscribeAsync(own);
        await client.SendAsync(SeedClient.Subscription("subscribe", foreign));
        await client.ExpectErrorAsync("access_denied");
        await client.SendAsync(SeedClient.Subscription("subscribe"));
        await client.ExpectErrorAsync("access_denied", 2);
    }

    [Fact]
    public async Task Token_of_the_staff_covers_all_orders()
    {
        await using var backend = await NodeBackend.StartAsync(running.Server);
        using var http = new HttpClient { BaseAddress = backend.Address };
        await http.GetAsync("/desk", TestContext.Current.CancellationToken);
        await using var client = await ConnectAsync(http);
        await client.SubscribeAsync();
    }

    [Theory]
    [InlineData("GET", "/orders-token", HttpStatusCode.Unauthorized)]
    [InlineData("POST", "/", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/../server.mjs", HttpStatusCode.NotFound)]
    public async Task Request_without_a_session_gets_nothing(string method, string path, HttpStatusCode expected)
    {
        await using var backend = await NodeBackend.StartAsync(running.Server);
        using var http = new HttpClient { BaseAddress = backend.Address };
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(expected, response.StatusCode);
    }

    /// <summary>Connects with the settings and the token that a page would get.</summary>
    private static async Task<SeedClient> ConnectAsync(HttpClient http)
    {
        var settings = await http.GetStringAsync("/orders-settings", TestContext.Current.CancellationToken);
        using var json = JsonDocument.Parse(settings);
        var client = await SeedClient.OpenAsync(new Uri(json.RootElement.GetProperty("url").GetString()!));
        await client.SendAsync(TestToken.Connect(
            json.RootElement.GetProperty("apiKey").GetString()!,
            await http.GetStringAsync("/orders-token", TestContext.Current.CancellationToken)));
        return client;
    }
}
