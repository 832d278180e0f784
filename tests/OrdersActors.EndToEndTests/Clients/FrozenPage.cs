using System.Text.Json;
using Microsoft.Playwright;

namespace OrdersActors.EndToEndTests.Clients;

/// <summary>
/// A page that is frozen like a tab that the browser has put to sleep: no timer fires and no message is handled, while
/// the browser's network goes on. The debugger holds it, because a browser without windows does not freeze its tabs
/// (<c>Page.setWebLifecycleState</c> has no effect).
/// </summary>
internal sealed class FrozenPage
{
    private const string Count = "() => { window.ticks = 0; setInterval(() => window.ticks++, 20); }";

    private readonly ICDPSession _devTools;
    private readonly Task<JsonElement?> _held;

    private FrozenPage(ICDPSession devTools, Task<JsonElement?> held) => (_devTools, _held) = (devTools, held);

    /// <summary>Freezes the page. Until it thaws, nothing else may be asked of it.</summary>
    public static async Task<FrozenPage> FreezeAsync(IPage page)
    {
        await page.EvaluateAsync(Count);
        var devTools = await page.Context.NewCDPSessionAsync(page);
        var paused = new TaskCompletionSource();
        devTools.Event("Debugger.paused").OnEvent += (_, _) => paused.TrySetResult();
        await devTools.SendAsync("Debugger.enable");
        var held = devTools.SendAsync(
            "Runtime.evaluate", new() { ["expression"] = "window.ticks = 0; debugger; window.ticks" });
        await paused.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        return new FrozenPage(devTools, held);
    }

    /// <summary>Thaws the page. Returns how often its timer has fired while it was frozen.</summary>
    public async Task<int> ThawAsync()
    {
        await _devTools.SendAsync("Debugger.resume");
        var result = await _held;
        await _devTools.DetachAsync();
        return result!.Value.GetProperty("result").GetProperty("value").GetInt32();
    }
}
