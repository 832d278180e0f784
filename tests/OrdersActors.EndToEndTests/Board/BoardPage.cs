using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Playwright;
using OrdersActors.TestServer.Contract;
using static Microsoft.Playwright.Assertions;

namespace OrdersActors.EndToEndTests.Board;

/// <summary>
/// The open page, in the vocabulary of the tests. It finds elements as people do: by label, role and text.
/// </summary>
public sealed class BoardPage : IAsyncDisposable
{
    // Chromium ends all requests with this error when a network of the machine changes. Other programs may create
    // networks.
    private const string NetworkChanged = "net::ERR_NETWORK_CHANGED";
    private const int MaxLoads = 10;

    private readonly ConcurrentQueue<string> _problems = new();
    private readonly ConcurrentQueue<ContractWatch> _contracts = new();

    private BoardPage(IPage page) => Page = page;

    public IPage Page { get; }

    public ILocator State => Page.Locator("#state");

    public ILocator ApiKey => Page.GetByLabel("API key");

    public ILocator ApiSecret => Page.GetByLabel("API secret");

    public ILocator ConnectButton => Page.GetByRole(AriaRole.Button, new() { Name = "Connect", Exact = true });

    /// <summary>The choice of the first order that moves by itself.</summary>
    public ILocator TourChoice => Page.GetByLabel("Show an order that moves by itself");

    /// <summary>The note over the orders while an order moves by itself.</summary>
    public ILocator Tour => Page.Locator("#tour");

    /// <summary>The banner over the orders while the connection is lost.</summary>
    public ILocator Outage => Page.Locator("#outage");

    public ILocator PlaceButton => Page.GetByRole(AriaRole.Button, new() { Name = "Place a demo order" });

    public ILocator Cards => Page.GetByRole(AriaRole.Article);

    public ILocator Subscriptions => Page.GetByRole(AriaRole.List, new() { Name = "Current subscriptions" });

    /// <summary>The error beside the connect form.</summary>
    public ILocator ConnectError => Page.Locator("#connect-error");

    /// <summary>The note above the orders.</summary>
    public ILocator Note => Page.Locator("#orders-note");

    /// <summary>The text that a screen reader announces.</summary>
    public ILocator Announcement => Page.GetByRole(AriaRole.Status);

    /// <summary>The gaps that the timelines show.</summary>
    public ILocator Gaps => Cards.Locator(".gap");

    /// <summary>The error beside the subscriptions.</summary>
    public ILocator WatchError => Page.Locator("#watch-error");

    public static async Task<BoardPage> OpenAsync(IBrowserContext context)
    {
        var board = new BoardPage(await context.NewPageAsync());
        board.Page.PageError += (_, error) => board._problems.Enqueue(error);
        board.Page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning"
                && !message.Text.Contains(NetworkChanged, StringComparison.Ordinal))
            {
                board._problems.Enqueue($"{message.Text} ({message.Location})");
            }
        };
        board.Page.WebSocket += (_, socket) => board.Watch(socket);
        await board.LoadAsync();
        return board;
    }

    /// <summary>
    /// Presses Connect after the demo account is filled in, and waits until the page is connected. No order moves by
    /// itself, because tests count the orders.
    /// </summary>
    public async Task ConnectAsync()
    {
        await Expect(ApiKey).ToHaveValueAsync("demo-key");
        if (await TourChoice.IsVisibleAsync())
        {
            await TourChoice.UncheckAsync();
        }

        await ConnectButton.ClickAsync();
        await Expect(State).ToHaveTextAsync("Connected");
    }

    /// <summary>Connects with the key alone.</summary>
    public async Task ConnectWithKeyOnlyAsync()
    {
        await OpenCredentialsAsync();
        await Page.GetByText("Key only").ClickAsync();
        await ConnectAsync();
    }

    /// <summary>
    /// Unfolds the fields of the connect form, which are folded away when the demo account is filled in.
    /// </summary>
    public async Task OpenCredentialsAsync()
    {
        await Expect(ApiKey).ToHaveValueAsync("demo-key");
        if (!await ApiKey.IsVisibleAsync())
        {
            await Page.GetByText("Use another account").ClickAsync();
        }

        await Expect(ApiKey).ToBeVisibleAsync();
    }

    public async Task SubscribeAsync(string orderId)
    {
        await Page.GetByLabel("Order id").FillAsync(orderId);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Subscribe", Exact = true }).ClickAsync();
    }

    /// <summary>Places a demo order and returns its id, which the newest card shows.</summary>
    public Task<string> PlaceOrderAsync() => PlaceOrderAsync(() => PlaceButton.ClickAsync());

    /// <summary>Places a demo order by another action than a click.</summary>
    public async Task<string> PlaceOrderAsync(Func<Task> press)
    {
        var answer = await Page.RunAndWaitForResponseAsync(press, "**/v1/events");
        var order = (await answer.JsonAsync())!.Value.GetProperty("order_id").GetString()!;
        await Expect(Card(order)).ToHaveCountAsync(1);
        await Expect(Cards.First.GetByRole(AriaRole.Heading)).ToHaveTextAsync(order);
        return order;
    }

    /// <summary>Makes a token for an order and connects with it.</summary>
    public async Task ConnectWithTokenAsync(string orderId)
    {
        await Page.GetByText("Give one order to a customer").ClickAsync();
        await Page.GetByLabel("Customer's order").FillAsync(orderId);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Make a token" }).ClickAsync();
        await Page.GetByRole(AriaRole.Button, new() { Name = "Connect with it" }).ClickAsync();
        await Expect(Page.Locator("#identity")).ToContainTextAsync($"token for {orderId}");
        await Expect(State).ToHaveTextAsync("Connected");
    }

    /// <summary>The card of an order.</summary>
    public ILocator Card(string orderId) => Page.GetByRole(AriaRole.Article, new() { Name = orderId, Exact = true });

    /// <summary>The large word on a card.</summary>
    public ILocator StatusOf(string orderId) => Card(orderId).Locator(".status");

    /// <summary>The words of a card's timeline, newest first.</summary>
    public ILocator TimelineOf(string orderId) =>
        Card(orderId).GetByRole(AriaRole.List, new() { Name = "Timeline" }).Locator(".word");

    /// <summary>The versions in a card's timeline, newest first.</summary>
    public ILocator VersionsOf(string orderId) =>
        Card(orderId).GetByRole(AriaRole.List, new() { Name = "Timeline" }).Locator(".version");

    /// <summary>Waits until an order's timeline has exactly the versions from 1 to this one, in order.</summary>
    public Task ExpectVersionsAsync(string orderId, int newest) => Expect(VersionsOf(orderId)).ToHaveTextAsync(
        Enumerable.Range(1, newest).Reverse().Select(version => $"{version}"));

    /// <summary>The names in the details that are open on a card.</summary>
    public ILocator DetailNamesOf(string orderId) => Card(orderId).Locator("details[open] dt");

    public ILocator AdvanceButton(string orderId) =>
        Card(orderId).GetByRole(AriaRole.Button, new() { Name = "Advance" });

    /// <summary>
    /// Asserts that there were no script errors and no browser warnings, such as violations of the content security
    /// policy.
    /// </summary>
    public void AssertNoProblems() => Assert.Empty(_problems);

    /// <summary>Attaches a screenshot of the page to the test's results.</summary>
    public async Task KeepScreenshotAsync(string name)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "TestResults", "screenshots", $"{name}.png");
        // The bar sticks to the top of the visible part. In a screenshot of the whole page it must be at the top of the
        // page.
        await Page.EvaluateAsync("() => scrollTo(0, 0)");
        // The browser does not draw cards out of sight, so the viewport is enlarged to the whole page.
        var size = Page.ViewportSize!;
        var height = await Page.EvaluateAsync<int>("() => document.documentElement.scrollHeight");
        await Page.SetViewportSizeAsync(size.Width, Math.Max(size.Height, height));
        var picture = await Page.ScreenshotAsync(new() { Path = path, FullPage = true });
        await Page.SetViewportSizeAsync(size.Width, size.Height);
        TestContext.Current.AddAttachment(name, picture, "image/png");
    }

    public async ValueTask DisposeAsync()
    {
        await Page.Context.CloseAsync();
        foreach (var contract in _contracts)
        {
            contract.ThrowIfViolated();
        }
    }

    /// <summary>
    /// Loads the page. It is loaded again if a network has changed, as a person would do.
    /// </summary>
    private async Task LoadAsync()
    {
        var hasNetworkChanged = false;
        Page.RequestFailed += OnFailed;
        for (var attempt = 1; attempt == 1 || hasNetworkChanged; attempt++)
        {
            Assert.InRange(attempt, 1, MaxLoads);
            hasNetworkChanged = false;
            _problems.Clear();
            try
            {
                await Page.GotoAsync("/");
            }
            catch (PlaywrightException e) when (e.Message.Contains(NetworkChanged, StringComparison.Ordinal))
            {
                hasNetworkChanged = true;
            }
        }

        Page.RequestFailed -= OnFailed;

        void OnFailed(object? sender, Microsoft.Playwright.IRequest request) =>
            hasNetworkChanged |= request.Failure == NetworkChanged;
    }

    /// <summary>
    /// Validates what the server sends to the page. The messages of the page are not validated: some tests send to a
    /// server that is about to end, which answers nothing.
    /// </summary>
    private void Watch(IWebSocket socket)
    {
        var contract = new ContractWatch();
        _contracts.Enqueue(contract);
        socket.FrameReceived += (_, frame) =>
        {
            if (frame.Text is { } text)
            {
                using var json = JsonDocument.Parse(text);
                contract.Received(json.RootElement);
            }
        };
    }
}
