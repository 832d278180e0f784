using System.Net;
using System.Text.Json;
using OrdersActors.EndToEndTests.Commands;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Operators;

/// <summary>The operators' page: its port, its sign-in, what it shows, and Orleans' dashboard.</summary>
public sealed class OperatorPageTests
{
    private const string Password = "only-operators-know-it";

    private readonly int _port = ServerProcess.FreePorts(1)[0];

    private Uri Page => new($"http://127.0.0.1:{_port}");

    [Fact]
    public async Task Page_is_off_by_default()
    {
        await using var server = await ServerProcess.StartAsync();
        using var http = new HttpClient { BaseAddress = server.BaseAddress };
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(http, "/operators"));
    }

    [Fact]
    public async Task Page_is_only_on_its_port_and_nothing_else_is_there()
    {
        await using var server = await StartAsync();
        using var customers = Client(server.BaseAddress);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(customers, "/operators"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(customers, "/operators/sign-in"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(customers, "/operators/dashboard/"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(customers, "/healthz/live"));

        using var operators = Client(Page);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(operators, "/healthz/live"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(operators, "/ws"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(operators, "/v1/events"));
        Assert.Equal(HttpStatusCode.Redirect, await StatusAsync(operators, "/"));
    }

    [Fact]
    public async Task Nothing_is_shown_without_the_password_and_guesses_are_limited()
    {
        await using var server = await StartAsync();
        using var http = Client(Page);
        Assert.Equal(HttpStatusCode.Redirect, await StatusAsync(http, "/operators"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(http, "/operators/state"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(http, "/operators/dashboard/DashboardCounters"));
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(http, $"guess {i}"));
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, await SignInAsync(http, Password));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(http, "/operators/state"));
        await server.StopAsync();
        Assert.DoesNotContain(Password, server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("guess 1", server.Output, StringComparison.Ordinal);
        Assert.Contains("[1651]", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Operator_sees_connections_organizations_closes_partitions_and_silos()
    {
        await using var server = await StartAsync();
        await server.PublishAsync("demo", "o-1", "created");
        await using var client = await SeedClient.ConnectAsync(server.WebSocketAddress, "demo-key");
        using var http = Client(Page);
        Assert.Equal(HttpStatusCode.Redirect, await SignInAsync(http, Password));

        var state = await StateAsync(
            http, state => Names(state, "organizations").Contains("demo") && Names(state, "front_ends").Length == 1);
        Assert.Equal(4, state.GetProperty("partitions").GetArrayLength());
        Assert.Equal(1, state.GetProperty("silos").GetArrayLength());
        Assert.Equal(0, state.GetProperty("problems").GetArrayLength());
        Assert.Contains(
            state.GetProperty("partitions").EnumerateArray(), row => row.GetProperty("position").GetInt64() == 1);

        Assert.Equal(0, (await server.RunAsync("disconnect", "--all")).ExitCode);
        await StateAsync(http, state => Names(state, "closes").Contains("1012"));
        var html = await http.GetStringAsync("/operators", TestContext.Current.CancellationToken);
        Assert.Contains("Partitions", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);

        using var end = await http.PostAsync(
            "/operators/sign-out", new FormUrlEncodedContent([]), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Redirect, end.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(http, "/operators/state"));
    }

    [Fact]
    public async Task Dashboard_of_Orleans_is_behind_the_sign_in_and_does_not_show_the_log()
    {
        await using var server = await StartAsync(("OrdersActors__Operators__Dashboard", "true"));
        await server.PublishAsync("demo", "o-1", "created");
        using var http = Client(Page);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(http, "/operators/dashboard/"));
        Assert.Equal(HttpStatusCode.Redirect, await SignInAsync(http, Password));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, "/operators/dashboard/"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, "/operators/dashboard/index.min.js"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(http, "/operators/dashboard/Trace"));
        var counters = await http.GetStringAsync(
            "/operators/dashboard/DashboardCounters", TestContext.Current.CancellationToken);
        Assert.Contains("127.0.0.1", counters, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://0.0.0.0:5090", Password, "https")]
    [InlineData("http://127.0.0.1:5090", "short-one", "Password")]
    [InlineData("nonsense", Password, "Url")]
    public async Task Unsafe_settings_are_refused(string url, string password, string named)
    {
        await using var server = ServerProcess.Create(new ServerSettings
        {
            Variables = { ["OrdersActors__Operators__Url"] = url, ["OrdersActors__Operators__Password"] = password },
        });
        var line = await Failing.WithOneLineAsync(server.RunAsync("serve"), "OrdersActors:Operators:", named);
        Assert.DoesNotContain("short-one", line, StringComparison.Ordinal);
    }

    private static string[] Names(JsonElement state, string list) =>
        [.. state.GetProperty(list).EnumerateArray().Select(item => item.GetProperty("name").GetString()!)];

    private static async Task<JsonElement> StateAsync(HttpClient http, Func<JsonElement, bool> condition)
    {
        var waited = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            var text = await http.GetStringAsync("/operators/state", TestContext.Current.CancellationToken);
            var state = JsonSerializer.Deserialize<JsonElement>(text);
            if (condition(state))
            {
                return state;
            }

            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(60), text);
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(path, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private static async Task<HttpStatusCode> SignInAsync(HttpClient http, string password)
    {
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("password", password)]);
        using var answer = await http.PostAsync("/operators/sign-in", form, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private static HttpClient Client(Uri address) =>
        new(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = address };

    private Task<ServerProcess> StartAsync(params (string Name, string Value)[] more) =>
        ServerProcess.StartAsync(new ServerSettings
        {
            Variables = new(more.Select(pair => KeyValuePair.Create(pair.Name, pair.Value)))
            {
                ["OrdersActors__Operators__Url"] = $"http://127.0.0.1:{_port}",
                ["OrdersActors__Operators__Password"] = Password,
            },
        });
}
