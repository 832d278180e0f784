using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrdersActors.EndToEndTests.Board;
using OrdersActors.EndToEndTests.Clients;
using OrdersActors.EndToEndTests.Protocol;
using OrdersActors.TestServer;
using static Microsoft.Playwright.Assertions;

namespace OrdersActors.EndToEndTests.Examples;

/// <summary>The first lines for each kind of client in the main README, run as printed.</summary>
[Collection(BoardCollection.Name)]
public sealed class FiveLinesTests(ChromiumFixture chromium, RunningServer running)
{
    private const string Section = "Five lines";
    private const string WebSocket = "ws://localhost:5080/ws";

    private readonly string _order = RunningServer.NewOrder();

    [Fact]
    public async Task Browser_shows_the_status()
    {
        chromium.RequireBrowser();
        await TypeScriptPackage.BuiltAsync();
        await running.Service.PublishAsync("demo", _order, "created");
        await using var site = await ServeAsync($"<body>{Code("html")}");
        await using var board = await chromium.OpenAsync(running.Server);
        await board.Page.GotoAsync(site.Urls.Single());
        await Expect(board.Page.Locator("body")).ToContainTextAsync("created");
        await running.Service.PublishAsync("demo", _order, "paid");
        await Expect(board.Page.Locator("body")).ToContainTextAsync("created paid");
    }

    [Fact]
    public async Task Node_prints_the_events()
    {
        await TypeScriptPackage.BuiltAsync();
        await running.Service.PublishAsync("demo", _order, "created");
        // Node of the package, in the folder of the package: a package can import itself by its name.
        await using var node = ExampleProcess.Start(
            "env", new Dictionary<string, string>(), "-C", TypeScriptPackage.Folder, "node_modules/.bin/node",
            "--input-type=module", "-e", Code("js"));
        await node.WaitForLinesAsync(1);
        await running.Service.PublishAsync("demo", _order, "paid");
        Assert.Equal(["1 created", "2 paid"], await node.WaitForLinesAsync(2));
    }

    [Fact]
    public async Task Python_prints_the_messages()
    {
        await running.Service.PublishAsync("demo", _order, "created");
        await using var python = ExampleProcess.Start(
            PythonTests.Python, new Dictionary<string, string>(), "-c", Code("python"));
        await python.WaitForLinesAsync(3);
        await running.Service.PublishAsync("demo", _order, "paid");
        var lines = await python.WaitForLinesAsync(4);
        Assert.StartsWith("""{"type":"connected",""", lines[0]);
        Assert.StartsWith("""{"type":"subscription",""", lines[1]);
        Assert.Contains("\"status\":\"created\"", lines[2]);
        Assert.Contains("\"status\":\"paid\"", lines[3]);
    }

    [Fact]
    public async Task Http_publishes_and_streams()
    {
        await using var curl = ExampleProcess.Start("bash", new Dictionary<string, string>(), "-c", Code("bash"));
        // The answer, the delay of reconnects, the confirmation with an empty line, and the event.
        var lines = await curl.WaitForLinesAsync(1 + 1 + 4 + 3);
        Assert.Contains(lines, line => line.StartsWith("data: {\"id\":", StringComparison.Ordinal));
        Assert.Contains("\"version\":1", lines[0]);
    }

    [Fact]
    public async Task DotNet_publishes()
    {
        await CSharpCode.RunProgramAsync($"""
            using Microsoft.Extensions.DependencyInjection;
            using Microsoft.Extensions.Hosting;
            using OrdersActors;
            using OrdersActors.Publishing;
            {Code("csharp")}
            """);
        await using var client = await SeedClient.ConnectAsync(running.Address, "demo-key");
        await client.SendAsync(SeedClient.Resume(_order, 0));
        await client.WaitForEventsAsync(1);
        Assert.Equal("paid", client.Events[0].GetProperty("status").GetString());
    }

    /// <summary>Serves a page, and beside it the client in one file.</summary>
    private static async Task<WebApplication> ServeAsync(string page)
    {
        var client = Path.Combine(TypeScriptPackage.Folder, "dist", "orders-client.js");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var site = builder.Build();
        site.Urls.Add("http://127.0.0.1:0");
        site.MapGet("/", () => Results.Content(page, "text/html"));
        site.MapGet("/orders-client.js", () => Results.File(client, "text/javascript"));
        await site.StartAsync(TestContext.Current.CancellationToken);
        return site;
    }

    /// <summary>The printed lines, with the address of the running server and an order of this test.</summary>
    private string Code(string language)
    {
        var code = Readme.Top.CodeIn(Section, language);
        var http = running.Server.BaseAddress.GetLeftPart(UriPartial.Authority);
        Assert.Contains("o-1", code);
        return code
            .Replace(WebSocket, running.Address.AbsoluteUri, StringComparison.Ordinal)
            .Replace("http://localhost:5080", http, StringComparison.Ordinal)
            .Replace("\"localhost\", 30000", $"\"127.0.0.1\", {running.Server.GatewayPort}", StringComparison.Ordinal)
            .Replace("o-1", _order, StringComparison.Ordinal);
    }
}
