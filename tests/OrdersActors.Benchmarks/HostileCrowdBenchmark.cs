using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using OrdersActors.Benchmarks.Peers;
using OrdersActors.Benchmarks.Peers.Load;
using OrdersActors.TestServer.Hostile;

namespace OrdersActors.Benchmarks;

/// <summary>
/// A crowd of well-behaved connections, alone and then together with hostile ones that run all of <see cref="Attacks"/>
/// at once. Prints the latency of the crowd, and the server's memory and CPU, side by side. The server has a limited
/// heap, so it would end if it needed more.
/// </summary>
internal sealed class HostileCrowdBenchmark(int connections, int hostile, int rate, int seconds, int heapMegabytes)
{
    private const int SubscribersOfOrder = 10;
    private const int ReplayedEvents = 500;
    private const double WarmUpSeconds = 10;

    // The attackers need a while to open their connections, on a machine that is busy.
    private static readonly TimeSpan Approach = TimeSpan.FromSeconds(15);

    /// <summary>Runs. Returns the exit code: 0 if the crowd's p99 is at most twice the one without attackers.</summary>
    public async Task<int> RunAsync()
    {
        var heap = heapMegabytes * 1024L * 1024;
        await using var server = await RunningPeer.StartAsync(
            PeerNames.Orders,
            [
                "ASPNETCORE_ENVIRONMENT=Development",
                $"DOTNET_GCHeapHardLimit={heap.ToString("X", CultureInfo.InvariantCulture)}",
            ]);
        await FillAsync(server.Target);
        var crowdSize = connections - hostile;
        var orders = crowdSize / SubscribersOfOrder;
        using var crowd = new Crowd(server.Target);
        crowd.Open(orders * SubscribersOfOrder, id => id % orders);
        using var traffic = new Traffic(server.Target, crowd, orders, SubscribersOfOrder);
        traffic.Start();
        traffic.Steady(rate, WarmUpSeconds);
        var alone = Measure(traffic, server.Target);
        using var attackers = StartAttackers(server.Target, Approach + (3 * TimeSpan.FromSeconds(seconds)));
        crowd.ReadFor(Approach);
        var attacked = Measure(traffic, server.Target);
        attackers.Kill();
        await attackers.WaitForExitAsync();
        Print(crowdSize, alone, attacked);
        return attacked.Result.P99 <= 2 * alone.Result.P99 ? 0 : 1;
    }

    /// <summary>The body of the attacking process: all attacks at once, with the same number of connections.</summary>
    public static Task AttackAsync(Uri address, int connections, TimeSpan length)
    {
        var stop = new CancellationTokenSource(length);
        var each = Math.Max(1, connections / Attacks.All.Count);
        return Task.WhenAll(
            Attacks.All.Select(attack => (attack with { Connections = each }).RunAsync(address, stop.Token)));
    }

    private (LoadResult Result, long Peak) Measure(Traffic traffic, LoadTarget target)
    {
        var peak = 0L;
        using var sampling = new Timer(
            _ => peak = Math.Max(Volatile.Read(ref peak), Measured.Of(target.ServerId).ResidentBytes), null, 0, 100);
        var result = traffic.Steady(rate, seconds);
        return (result, Volatile.Read(ref peak));
    }

    /// <summary>
    /// A process of its own with the lowest priority, because attackers would not use the processors of the server and
    /// of the crowd.
    /// </summary>
    private Process StartAttackers(LoadTarget target, TimeSpan length)
    {
        var command = PeerProcess.Command(
            "attacks", $"ws://127.0.0.1:{target.Port}/ws", $"{hostile}", $"{length.TotalSeconds:0}");
        return Process.Start("chrt", ["--idle", "0", command.FileName, .. command.ArgumentList]);
    }

    /// <summary>Publishes the events that attackers replay.</summary>
    private static async Task FillAsync(LoadTarget target)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String("demo-key:demo-secret"u8));
        var text = new string('x', 2000);
        var lines = string.Join('\n', Enumerable.Range(0, ReplayedEvents).Select(i =>
            $$$"""{"order_id":"{{{Attacks.Order}}}","status":"step-{{{i}}}","details":{"text":"{{{text}}}"}}"""));
        using var body = new StringContent(lines, Encoding.UTF8, "application/x-ndjson");
        using var answer = await http.PostAsync($"http://127.0.0.1:{target.Port}/v1/events", body);
        answer.EnsureSuccessStatusCode();
    }

    private void Print(int crowdSize, (LoadResult Result, long Peak) alone, (LoadResult Result, long Peak) attacked)
    {
        Console.WriteLine(
            $"{crowdSize} connections, {rate} events/s, {rate * SubscribersOfOrder} deliveries/s, {seconds} s; "
            + $"heap limited to {heapMegabytes} MB");
        Console.WriteLine($"{"",-32}{"alone",12}{$"with {hostile} hostile",24}");
        Row("p50, ms", alone.Result.P50, attacked.Result.P50);
        Row("p99, ms", alone.Result.P99, attacked.Result.P99);
        Row("p99.9, ms", alone.Result.P999, attacked.Result.P999);
        Row("deliveries", alone.Result.Count, attacked.Result.Count);
        Row("server, cores", Cores(alone.Result), Cores(attacked.Result));
        Row("other processes, cores", alone.Result.OtherCpu / 1e6 / alone.Result.Seconds,
            attacked.Result.OtherCpu / 1e6 / attacked.Result.Seconds);
        Row("resident memory at most, MB", alone.Peak / 1e6, attacked.Peak / 1e6);
        Console.WriteLine($"p99 with hostile connections: {attacked.Result.P99 / alone.Result.P99:0.00} times");
    }

    private static double Cores(LoadResult result) => result.ServerCpu / 1e6 / result.Seconds;

    private static void Row(string name, double alone, double attacked) =>
        Console.WriteLine($"{name,-32}{alone,12:0.##}{attacked,24:0.##}");
}
