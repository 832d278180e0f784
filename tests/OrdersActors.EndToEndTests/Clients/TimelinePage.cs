using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OrdersActors.EndToEndTests.Board;
using OrdersActors.TestServer;
using static Microsoft.Playwright.Assertions;

namespace OrdersActors.EndToEndTests.Clients;

/// <summary>
/// A small page in Chromium that imports the built TypeScript client and shows what an order and its organization
/// receive. The page keeps its timelines in <c>sessionStorage</c>, as an application keeps what it shows, so that a
/// reloaded page shows an event that comes again twice. The test serves the page's files, at another origin than the
/// server's, as a shop does.
/// </summary>
internal sealed class TimelinePage : IAsyncDisposable
{
    public const string Order = "o-1";

    private const string JavaScript = "text/javascript";

    private const string Html = """
        <!doctype html>
        <html lang="en">
        <title>closed</title>
        <ol id="order"></ol>
        <ol id="organization"></ol>
        <ol id="gaps"></ol>
        <ol id="life"></ol>
        <script type="module" src="timeline.js"></script>
        """;

    private const string Script = """
        import { OrdersClient } from "./orders-client.js";

        const query = new URLSearchParams(location.search);
        const orders = new OrdersClient(query.get("server"), {
          apiKey: "demo-key",
          getToken: () => query.get("token"),
          store: query.get("store"),
        });
        const lists = JSON.parse(sessionStorage.getItem("lists") ?? "{}");
        function show(name, change) {
          lists[name] = change(lists[name] ?? []);
          sessionStorage.setItem("lists", JSON.stringify(lists));
          document.getElementById(name).replaceChildren(...lists[name].map(text =>
            Object.assign(document.createElement("li"), { textContent: text })));
        }
        const tell = text => show("life", known => [...known, text]);
        let confirmed = 0;
        const optionsOf = name => ({
          onSubscribed: () => { document.body.dataset.confirmed = ++confirmed; },
          onGap: ({ from, earliest, rewritten }) => {
            show("gaps", known => [...known, `${name} ${from} ${earliest} ${rewritten}`]);
            if (rewritten) {
              show(name, () => []);
            }
          },
        });
        ["order", "organization", "gaps", "life"].forEach(name => show(name, known => known));
        document.addEventListener("visibilitychange", () => tell(`visibilitychange ${document.visibilityState}`));
        orders.on("state", state => { document.title = state; });
        orders.on("error", error => tell(`error ${error.code}`));
        orders.subscribe("o-1",
          e => show("order", known => [...known, `${e.version} ${e.status}`]), optionsOf("order"));
        orders.subscribeAll(
          e => show("organization", known => [...known, `${e.sequence} ${e.status}`]), optionsOf("organization"));
        """;

    private readonly BoardPage _board;
    private readonly WebApplication _files;
    private readonly Uri _address;

    private TimelinePage(BoardPage board, WebApplication files, Uri address) =>
        (_board, _files, _address) = (board, files, address);

    public IPage Page => _board.Page;

    /// <summary>What happened to the page and to its client.</summary>
    public ILocator Life => Page.Locator("#life li");

    /// <summary>
    /// Opens the page and waits until both subscriptions are confirmed. They begin with the next event.
    /// </summary>
    /// <param name="chromium">The browser.</param>
    /// <param name="server">The server to which the page's client connects.</param>
    /// <param name="store">The client's store of positions.</param>
    public static async Task<TimelinePage> OpenAsync(
        ChromiumFixture chromium, ServerProcess server, string store = "memory")
    {
        await TypeScriptPackage.BuiltAsync();
        var files = await ServeAsync();
        var board = await chromium.OpenAsync(server);
        var token = TestToken.ForOrganization("demo-secret");
        var query = $"/?server={server.WebSocketAddress}&store={store}&token={token}";
        var page = new TimelinePage(board, files, new Uri(new Uri(files.Urls.First()), query));
        await page.GoAsync();
        return page;
    }

    /// <summary>Loads the page, and waits until both subscriptions are confirmed.</summary>
    public async Task GoAsync()
    {
        await Page.GotoAsync(_address.AbsoluteUri);
        await Expect(Page.Locator("body")).ToHaveAttributeAsync("data-confirmed", "2");
    }

    /// <summary>Waits until both timelines have exactly these entries, such as <c>2 paid</c>, in order.</summary>
    public async Task ExpectAsync(params string[] entries)
    {
        await Expect(Page.Locator("#order li")).ToHaveTextAsync(entries);
        await Expect(Page.Locator("#organization li")).ToHaveTextAsync(entries);
    }

    /// <summary>Waits until these gaps have been reported, in any order.</summary>
    public async Task ExpectGapsAsync(params string[] gaps)
    {
        await Expect(Page.Locator("#gaps li")).ToHaveCountAsync(gaps.Length);
        Assert.Equal(gaps, (await Page.Locator("#gaps li").AllTextContentsAsync()).Order(StringComparer.Ordinal));
    }

    /// <summary>Waits until the state of the client matches.</summary>
    public Task ExpectStateAsync(string pattern) => Expect(Page).ToHaveTitleAsync(new Regex(pattern));

    /// <summary>Tells the page that its tab is hidden. The browser of the tests shows all tabs.</summary>
    public Task HideAsync() => Page.EvaluateAsync("""
        () => {
          Object.defineProperty(document, "visibilityState", { configurable: true, value: "hidden" });
          document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
        }
        """);

    /// <summary>Tells the page that its tab is visible again.</summary>
    public Task ShowAsync() => Page.EvaluateAsync("""
        () => {
          delete document.visibilityState;
          document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
        }
        """);

    public async ValueTask DisposeAsync()
    {
        await _board.DisposeAsync();
        await _files.DisposeAsync();
    }

    /// <summary>Serves the files of the page on a free port.</summary>
    private static async Task<WebApplication> ServeAsync()
    {
        var client = Path.Combine(TypeScriptPackage.Folder, "dist", "orders-client.js");
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        var files = builder.Build();
        files.MapGet("/", () => Results.Text(Html, "text/html"));
        files.MapGet("/timeline.js", () => Results.Text(Script, JavaScript));
        files.MapGet("/orders-client.js", () => Results.File(client, JavaScript));
        await files.StartAsync(TestContext.Current.CancellationToken);
        return files;
    }
}
