using System.Diagnostics;
using OrdersActors.TestServer;

namespace OrdersActors.Benchmarks;

/// <summary>
/// Connections that are authenticated, watch one order each, and wait. A few are opened first, so that what the server
/// needs once is not counted.
/// </summary>
internal static class IdleBenchmark
{
    private const int WarmUp = 200;
    private const int Parallel = 32;

    public static async Task RunAsync(int connections)
    {
        await using var server = await ServerProcess.StartAsync();
        var file = string.Join('\n', Enumerable.Range(0, connections + WarmUp)
            .Select(i => $$"""{"organization_id":"demo","order_id":"o-{{i}}","status":"created"}"""));
        var published = await server.RunAsync(file, ["publish", "--file", "-"]);
        if (published.ExitCode != 0)
        {
            throw new InvalidOperationException(published.Error);
        }

        var open = new List<FrameReader>();
        await OpenAsync(0, WarmUp);
        await Task.Delay(TimeSpan.FromSeconds(10));
        var before = Measured.Of(server.ProcessId);
        var watch = Stopwatch.StartNew();
        await OpenAsync(WarmUp, connections);
        var opened = watch.Elapsed;
        var after = Measured.Of(server.ProcessId);
        await Task.Delay(TimeSpan.FromSeconds(30));
        var idle = Measured.Of(server.ProcessId);

        Console.WriteLine($"{connections} connections opened in {opened.TotalSeconds:0.0} s, {(after.Cpu - before.Cpu).TotalMilliseconds / connections * 1000:0} µs of server CPU each");
        Console.WriteLine($"server memory: {before.ResidentBytes / 1e6:0} MB with {WarmUp}, {after.ResidentBytes / 1e6:0} MB right after opening, {idle.ResidentBytes / 1e6:0} MB after 30 s of silence");
        Console.WriteLine($"per connection: {(double)(after.ResidentBytes - before.ResidentBytes) / connections / 1024:0.0} KiB right after opening, {(double)(idle.ResidentBytes - before.ResidentBytes) / connections / 1024:0.0} KiB idle");
        Console.WriteLine($"server CPU while idle: {(idle.Cpu - after.Cpu) / TimeSpan.FromSeconds(30):P1} of a core");
        foreach (var client in open)
        {
            await client.DisposeAsync();
        }

        async Task OpenAsync(int first, int count)
        {
            await System.Threading.Tasks.Parallel.ForEachAsync(
                Enumerable.Range(first, count), new ParallelOptions { MaxDegreeOfParallelism = Parallel }, async (i, _) =>
                {
                    var client = await FrameReader.ConnectAsync(server.WebSocketAddress, "demo-key");
                    await client.SubscribeAsync($"o-{i}");
                    lock (open)
                    {
                        open.Add(client);
                    }
                });
        }
    }
}
