using System.Diagnostics;
using OrdersActors.TestServer;

namespace OrdersActors.Benchmarks;

/// <summary>
/// Measures the cost of idle connections, including pings and lease renewals. Each connection is authenticated and
/// subscribed to one order. A few connections are opened first, so that the server's one-time costs are not counted.
/// </summary>
internal static class IdleBenchmark
{
    private const int WarmUp = 200;
    private const int Parallel = 32;

    // In this time each connection is pinged twice and its registration is renewed once.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    public static async Task RunAsync(int connections, bool onPostgres)
    {
        await using var cluster = onPostgres
            ? await ServerCluster.StartAsync(new ClusterSettings { Roles = [ServerRole.All] })
            : null;
        await using var alone = onPostgres ? null : await ServerProcess.StartAsync();
        var server = alone ?? cluster!.Servers[0];
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
        // A pending read also answers pings.
        var reading = open.ConvertAll(client => (Task)client.ReadEventAsync());
        var database = cluster?.Postgres.ProcessorTime ?? TimeSpan.Zero;
        await Task.Delay(Silence);
        var idle = Measured.Of(server.ProcessId);
        var databaseIdle = (cluster?.Postgres.ProcessorTime ?? TimeSpan.Zero) - database;
        var gone = reading.Count(read => read.IsCompleted);

        Console.WriteLine(
            $"{connections} connections opened in {opened.TotalSeconds:0.0} s, "
            + $"{(after.Cpu - before.Cpu).TotalMicroseconds / connections:0} µs of server CPU each; {gone} lost");
        Console.WriteLine(
            $"server memory: {before.ResidentBytes / 1e6:0} MB with {WarmUp}, "
            + $"{after.ResidentBytes / 1e6:0} MB right after opening, "
            + $"{idle.ResidentBytes / 1e6:0} MB after {Silence.TotalSeconds} s of silence");
        Console.WriteLine(
            "per connection: "
            + $"{(double)(after.ResidentBytes - before.ResidentBytes) / connections / 1024:0.0} KiB "
            + "right after opening, "
            + $"{(double)(idle.ResidentBytes - before.ResidentBytes) / connections / 1024:0.0} KiB idle");
        Console.WriteLine($"CPU while idle: {(idle.Cpu - after.Cpu) / Silence:P1} of a core in the server"
            + (onPostgres ? $", {databaseIdle / Silence:P1} in PostgreSQL" : ""));
        foreach (var client in open)
        {
            await client.DisposeAsync();
        }

        await Task.WhenAll(reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        async Task OpenAsync(int first, int count)
        {
            await System.Threading.Tasks.Parallel.ForEachAsync(
                Enumerable.Range(first, count), new ParallelOptions { MaxDegreeOfParallelism = Parallel },
                async (i, _) =>
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
