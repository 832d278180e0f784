using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Http;

/// <summary>Authentication of HTTP requests on the real server.</summary>
public sealed class RequestAuthenticatorTests(RunningServer running)
{
    private const string Event = """{"order_id":"o","status":"s"}""";

    private Uri Address => running.Server.BaseAddress;

    [Fact]
    public async Task Request_without_credentials_is_asked_for_them()
    {
        using var http = new HttpPublisher(Address);
        var answer = (await http.PostAsync(Event)).Expect(401, "not_authenticated");
        Assert.Equal("Basic realm=\"OrdersActors\", charset=\"UTF-8\"", answer.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task Unknown_key_and_wrong_secret_get_the_same_answer()
    {
        var shop = await running.NewShopAsync();
        using var unknown = new HttpPublisher(Address, "no-such-key", shop.Secret);
        using var wrong = new HttpPublisher(Address, shop.Key, "wrong");
        var first = (await unknown.PostAsync(Event)).Expect(401, "invalid_credentials");
        var second = (await wrong.PostAsync(Event)).Expect(401, "invalid_credentials");
        Assert.Equal(first.Body, second.Body);
        Assert.Equal(first.Headers.WwwAuthenticate.ToString(), second.Headers.WwwAuthenticate.ToString());
        Assert.DoesNotContain(shop.Secret, running.Server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signature_over_method_and_path_publishes()
    {
        var shop = await running.NewShopAsync();
        using var http = new HttpPublisher(Address);
        (await PostSignedAsync(http, Sign(shop, "POST/v1/events"))).Expect(201);
        (await PostSignedAsync(http, Sign(shop, "POST/v1/events"), "/v1/events?source=test")).Expect(201);
        var other = (await PostSignedAsync(http, Sign(shop, "GET/ws"))).Expect(401, "invalid_credentials");
        Assert.Contains("POST/v1/events<timestamp>", other.Text("detail"), StringComparison.Ordinal);
        var unknown = await PostSignedAsync(http, Sign(shop with { Key = "no-such-key" }, "POST/v1/events"));
        Assert.Equal(other.Body, unknown.Expect(401).Body);
        (await PostSignedAsync(http, Sign(shop, "POST/v1/events", age: 400))).Expect(401, "signature_expired");
        (await PostSignedAsync(http, $"APIKey={shop.Key},signature=xyz,timestamp=1")).Expect(401, "invalid_signature");
    }

    [Theory]
    [InlineData("Digest abc", "not_authenticated")]
    [InlineData("Basic !", "invalid_credentials")]
    [InlineData("Basic bm9jb2xvbg==", "invalid_credentials")]
    [InlineData("Bearer not.a.token", "invalid_token")]
    public async Task Malformed_credentials_are_refused(string header, string code)
    {
        using var http = new HttpPublisher(Address);
        using var request = Request(header);
        (await http.SendAsync(request)).Expect(401, code);
    }

    [Theory]
    [InlineData("api_key")]
    [InlineData("access_token")]
    [InlineData("API_Secret")]
    public async Task Credentials_in_the_query_are_refused(string name)
    {
        using var http = new HttpPublisher(Address, "demo-key", "demo-secret");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/events?{name}=demo-key")
        {
            Content = new StringContent(Event),
        };
        Assert.Equal(name, (await http.SendAsync(request)).Expect(400, "invalid_request").Text("field"));
    }

    [Theory]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task Page_of_another_origin_must_not_publish(string name, string value)
    {
        using var http = new HttpPublisher(Address, "demo-key", "demo-secret");
        (await http.PostAsync(Event, "application/x-www-form-urlencoded", (name, value))).Expect(403, "access_denied");
        (await http.PostAsync(
            Event, HttpPublisher.Json, ("Origin", Address.GetLeftPart(UriPartial.Authority)),
            ("Sec-Fetch-Site", "same-origin"))).Expect(201);
    }

    [Fact]
    public async Task Revoked_key_stops_publishing()
    {
        var shop = await running.NewShopAsync();
        using var http = new HttpPublisher(Address, shop.Key, shop.Secret);
        (await http.PostAsync(Event)).Expect(201);
        Assert.Equal(0, (await running.Server.RunAsync("keys", "revoke", shop.Key)).ExitCode);
        var deadline = DateTime.UtcNow.AddMinutes(1);
        HttpAnswer answer;
        do
        {
            await Task.Delay(200, TestContext.Current.CancellationToken);
            answer = await http.PostAsync(Event);
        }
        while (answer.Status == 201 && DateTime.UtcNow < deadline);
        answer.Expect(401, "invalid_credentials");
    }

    [Fact]
    public async Task Address_that_guesses_keys_is_refused_on_both_ways()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings
        {
            Variables =
            {
                ["OrdersActors__FrontEnd__FailedConnectsPerAddress"] = "3",
                ["OrdersActors__FrontEnd__FailedConnectRatePerAddress"] = "1",
            },
        });
        using var guessing = new HttpPublisher(server.BaseAddress, "no-such-key", "x");
        HttpAnswer answer;
        do
        {
            answer = await guessing.PostAsync(Event);
        }
        while (answer.Status == 401);
        answer.Expect(429, "rate_limited");
        Assert.True(answer.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
        await using var socket = await SeedClient.OpenAsync(server.WebSocketAddress);
        await socket.SendAsync(SeedClient.Connect("another-key"));
        await socket.ExpectErrorAsync("rate_limited");
    }

    private static async Task<HttpAnswer> PostSignedAsync(HttpPublisher http, string header, string path = "/v1/events")
    {
        using var request = Request(header, path);
        return await http.SendAsync(request);
    }

    private static HttpRequestMessage Request(string header, string path = "/v1/events")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(Event, new MediaTypeHeaderValue("application/json")),
        };
        request.Headers.TryAddWithoutValidation("Authorization", header);
        return request;
    }

    private static string Sign(Shop shop, string text, int age = 0)
    {
        var timestamp = (DateTimeOffset.UtcNow.ToUnixTimeSeconds() - age).ToString(CultureInfo.InvariantCulture);
        var hmac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(shop.Secret), Encoding.UTF8.GetBytes(text + timestamp));
        return $"APIKey={shop.Key},signature={Convert.ToHexStringLower(hmac)},timestamp={timestamp}";
    }
}
