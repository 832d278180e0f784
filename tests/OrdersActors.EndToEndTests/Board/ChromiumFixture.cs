using System.Text.Json;
using Microsoft.Playwright;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Board;

/// <summary>
/// The real browser and the real server that the tests of the page share. The browser must be installed; nothing is
/// downloaded. Without one the tests are skipped with a reason, except in CI (<c>CI=true</c>), where they fail.
/// </summary>
public sealed class ChromiumFixture : IAsyncLifetime
{
    // Without the last three, Chromium contacts its vendor's hosts at every start.
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private ServerProcess? _server;

    /// <summary>The server, in Development. Skips the test if there is no browser.</summary>
    public ServerProcess Server
    {
        get
        {
            RequireBrowser();
            return _server!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (FindExecutable() is not { } executable)
        {
            return;
        }

        // Only failing tests wait this long. An expected change takes milliseconds, or seconds on a busy machine.
        Assertions.SetDefaultExpectTimeout(60_000);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = executable, Args = Arguments });
        _server = await ServerProcess.StartAsync();
    }

    /// <summary>Opens the page of the shared server, or of another one, in a new browser context.</summary>
    /// <param name="server">The server; null for the shared one.</param>
    /// <param name="width">The width of the window, in pixels.</param>
    /// <param name="height">The height of the window, in pixels.</param>
    /// <param name="scheme">The color scheme that the user prefers.</param>
    /// <param name="hasClock">Whether the page has a clock that the test can advance.</param>
    public async Task<BoardPage> OpenAsync(
        ServerProcess? server = null, int width = 1280, int height = 860, ColorScheme scheme = ColorScheme.Light,
        bool hasClock = false)
    {
        RequireBrowser();
        var context = await _browser!.NewContextAsync(new()
        {
            BaseURL = (server ?? Server).BaseAddress.AbsoluteUri,
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = scheme,
        });
        if (hasClock)
        {
            await context.Clock.InstallAsync();
        }

        return await BoardPage.OpenAsync(context);
    }

    /// <summary>Opens the page and returns the result of a script in it.</summary>
    public async Task<JsonElement> RunAsync(string script)
    {
        await using var board = await OpenAsync();
        return (await board.Page.EvaluateAsync(script))!.Value;
    }

    /// <summary>Skips the test if there is no browser; fails it in CI.</summary>
    public void RequireBrowser()
    {
        if (_browser is null)
        {
            const string reason = "Chromium is not installed: install it, or set CHROMIUM_PATH to its executable";
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") != "true", reason);
            Assert.Fail(reason);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.CloseAsync();
        }

        _playwright?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    private static string? FindExecutable()
    {
        string?[] candidates =
        [
            Environment.GetEnvironmentVariable("CHROMIUM_PATH"),
            "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome",
        ];
        return candidates.FirstOrDefault(File.Exists);
    }
}

/// <summary>The tests of the page run sequentially and share one browser and one server.</summary>
[CollectionDefinition(Name)]
public sealed class BoardCollection : ICollectionFixture<ChromiumFixture>
{
    public const string Name = "Board";
}
