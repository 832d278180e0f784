using System.Diagnostics;
using System.Text.Json;
using OrdersActors.EndToEndTests.Board;

namespace OrdersActors.EndToEndTests.Protocol;

/// <summary>The runtime of the protocol page's example.</summary>
public enum SnippetHost
{
    Chromium,
    Node,
}

/// <summary>
/// The example of the protocol page, run unchanged. It records what the example shows, clears and stops with.
/// </summary>
internal sealed class SnippetRun : IAsyncDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(90);

    private readonly List<string> _lines = [];
    private Func<ValueTask> _end = () => ValueTask.CompletedTask;

    private SnippetRun()
    {
    }

    /// <summary>The actions so far: <c>event</c> and a version, <c>clear</c>, or <c>stop</c> and the reason.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>Starts the example. Skips the test if its runtime is missing.</summary>
    /// <param name="host">The runtime.</param>
    /// <param name="chromium">The browser.</param>
    /// <param name="server">The server, or a proxy in front of it.</param>
    /// <param name="key">The key to connect with.</param>
    /// <param name="order">The order to subscribe to.</param>
    /// <param name="haste">The factor by which its interval is shortened.</param>
    public static async Task<SnippetRun> StartAsync(
        SnippetHost host, ChromiumFixture chromium, Uri server, string key, string order, int haste = 1)
    {
        var address = new UriBuilder(server) { Scheme = "ws", Path = "/ws" }.Uri;
        var script = $$"""
            const setInterval = (callback, ms) => globalThis.setInterval(callback, ms / {{haste}});
            const [key, order] = [{{JsonSerializer.Serialize(key)}}, {{JsonSerializer.Serialize(order)}}];
            const show = event => tell(`event ${event.version}`);
            const clear = () => tell("clear");
            const stop = reason => tell(`stop ${reason}`);
            {{Readme.Protocol.CodeIn("Resuming", "js", "wss://orders.example/ws", address)}}
            """;
        var run = new SnippetRun();
        await (host == SnippetHost.Chromium
            ? run.StartInChromiumAsync(chromium, server, script)
            : run.StartInNodeAsync(script));
        return run;
    }

    /// <summary>Waits until the example has done exactly these actions.</summary>
    public async Task ExpectAsync(params string[] expected)
    {
        var waited = Stopwatch.StartNew();
        while (Lines.Count < expected.Length && waited.Elapsed < Timeout)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Equal(expected, Lines);
    }

    public ValueTask DisposeAsync() => _end();

    private void Add(string line)
    {
        lock (_lines)
        {
            _lines.Add(line);
        }
    }

    private async Task StartInChromiumAsync(ChromiumFixture chromium, Uri server, string script)
    {
        chromium.RequireBrowser();
        var board = await chromium.OpenAsync();
        _end = board.DisposeAsync;
        // A page of the same origin, so that the browser permits the connection.
        await board.Page.GotoAsync(new Uri(server, "/").AbsoluteUri);
        await board.Page.ExposeFunctionAsync("tell", (string line) => Add(line));
        await board.Page.EvaluateAsync($$"""() => { {{script}} }""");
    }

    private async Task StartInNodeAsync(string script)
    {
        var flag = await RequireNodeAsync();
        var file = Path.Combine(Path.GetTempPath(), $"snippet-{Guid.NewGuid():N}.mjs");
        await File.WriteAllTextAsync(
            file, $"const tell = line => console.log(line);\n{script}", TestContext.Current.CancellationToken);
        var node = new Process
        {
            StartInfo =
                new ProcessStartInfo("node") { RedirectStandardOutput = true, ArgumentList = { "--no-warnings" } },
        };
        if (flag is not null)
        {
            node.StartInfo.ArgumentList.Add(flag);
        }

        node.StartInfo.ArgumentList.Add(file);
        node.OutputDataReceived += (_, output) =>
        {
            if (output.Data is { } line)
            {
                Add(line);
            }
        };
        node.Start();
        node.BeginOutputReadLine();
        _end = async () =>
        {
            node.Kill(entireProcessTree: true);
            await node.WaitForExitAsync(CancellationToken.None);
            node.Dispose();
            File.Delete(file);
        };
    }

    /// <summary>
    /// Skips the test if there is no Node with WebSocket. Returns the flag that enables WebSocket; null if none is
    /// needed.
    /// </summary>
    private static async Task<string?> RequireNodeAsync()
    {
        var version = await NodeRuntime.FindAsync();
        if (version is null)
        {
            Assert.Skip("Not permitted on this machine: Node is not installed; version 20.10 or newer is needed");
        }

        Assert.SkipWhen(
            version < NodeRuntime.Least,
            $"Not permitted on this machine: Node {version} has no WebSocket; version 20.10 or newer is needed");
        return version.Major < 22 ? "--experimental-websocket" : null;
    }
}
