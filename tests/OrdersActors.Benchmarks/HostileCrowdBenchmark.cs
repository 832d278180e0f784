using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using OrdersActors.Benchmarks.Peers;
using OrdersActors.Benchmarks.Peers.Load;
using OrdersActors.TestServer.Hostile;

namespace OrdersActors.Benchmarks;

/// <summary>
/// A crowd of well-behaved connections: alone, while hostile ones run all of <see cref="Attacks"/> (or those that are
/// named) at once against another server on the machine, and together with them. Prints the latency of the crowd, and
/// the server's memory and CPU, side by side: the medians of several rounds, because a few stalls of the machine decide
/// the p99 of one. The servers have a limited heap, so they would end if they needed more.
/// </summary>
/// <remarks>
/// The second measurement shows what the attackers cost because they use the same processors as the crowd. Real
/// attackers would use their own.
/// </remarks>
internal sealed class HostileCrowdBenchmark(
    int connections, int hostile, string[] attacks, int rate, int seconds, int heapMegabytes, int rounds)
{
    private const int SubscribersOfOrder = 10;
    private const int ReplayedEvents = 500;
    private const double WarmUpSeconds = 10;

    // The attackers need a while to open their connections, on a machine that is busy.
    private static readonly TimeSpan Approach = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Runs. Returns the exit code: 0 if the crowd's p99 while its server is attacked is at most twice the one alone.
    /// </summary>
    public async Task<int> RunAsync()
    {
        await using var server = await StartServerAsync();
        await using var other = await StartServerAsync();
        var crowdSize = connections - hostile;
        var orders = crowdSize / SubscribersOfOrder;
        using var crowd = new Crowd(server.Target);
        crowd.Open(orders * SubscribersOfOrder, id => id % orders);
        using var traffic = new Traffic(server.Target, crowd, orders, SubscribersOfOrder);
        traffic.Start();
        traffic.Steady(rate, WarmUpSeconds);
        List<Measurement> alone = [], beside = [], attacked = [];
        for (var round = 0; round < rounds; round++)
        {
            alone.Add(Measure(traffic, server.Target));
            beside.Add(await AttackedAsync(other.Target));
            attacked.Add(await AttackedAsync(server.Target));
        }

        Print(crowdSize, alone, beside, attacked);
        return P99(attacked) <= 2 * P99(alone) ? 0 : 1;

        async Task<Measurement> AttackedAsync(LoadTarget target)
        {
            using var attackers = StartAttackers(target, Approach + (3 * TimeSpan.FromSeconds(seconds)));
            crowd.ReadFor(Approach);
            var measured = Measure(traffic, server.Target);
            attackers.Kill();
            await attackers.WaitForExitAsync();
            return measured;
        }
    }

    /// <summary>
    /// The body of the attacking process: the named attacks at once, each with the same number of connections; all if
    /// none is named.
    /// </summary>
    public static Task AttackAsync(Uri address, int connections, TimeSpan length, string[] names)
    {
        var stop = new CancellationTokenSource(length);
        IReadOnlyList<Attack> attacks = names.Length == 0 ? Attacks.All : [.. names.Select(Attacks.Get)];
        var each = Math.Max(1, connections / attacks.Count);
        return Task.WhenAll(
            attacks.Select(attack => (attack with { Connections = each }).RunAsync(address, stop.Token)));
    }

    private async Task<RunningPeer> StartServerAsync()
    {
        var heap = heapMegabytes * 1024L * 1024;
        var server = await RunningPeer.StartAsync(
            PeerNames.Orders,
            [
                "ASPNETCORE_ENVIRONMENT=Development",
                $"DOTNET_GCHeapHardLimit={heap.ToString("X", CultureInfo.InvariantCulture)}",
            ]);
        await FillAsync(server.Target);
        return server;
    }

    private Measurement Measure(Traffic traffic, LoadTarget target)
    {
        var peak = 0L;
        using var sampling = new Timer(
            _ => peak = Math.Max(Volatile.Read(ref peak), Measured.Of(target.ServerId).ResidentBytes), null, 0, 100);
        var result = traffic.Steady(rate, seconds);
        return new Measurement(result, Volatile.Read(ref peak));
    }

    /// <summary>
    /// A process of its own, because attackers would not use the processors of the server and of the crowd.
    /// </summary>
    private Process StartAttackers(LoadTarget target, TimeSpan length) => Process.Start(PeerProcess.BackgroundCommand(
        [
            "attacks", $"ws://127.0.0.1:{target.Port}/ws", $"{hostile}", $"{length.TotalSeconds:0}",
            .. attacks.SelectMany(name => new[] { "--attacks", name }),
        ]))!;

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

    private void Print(int crowdSize, params List<Measurement>[] columns)
    {
        Console.WriteLine(
            $"{crowdSize} connections, {rate} events/s, {rate * SubscribersOfOrder} deliveries/s, {seconds} s, "
            + $"medians of {rounds} rounds; heap limited to {heapMegabytes} MB; {hostile} hostile connections");
        Console.WriteLine($"{"",-32}{"alone",16}{"other attacked",16}{"attacked",16}");
        Row("p50, ms", each => each.Result.P50);
        Row("p99, ms", each => each.Result.P99);
        Row("p99.9, ms", each => each.Result.P999);
        Row("deliveries", each => each.Result.Count);
        Row("server, cores", each => each.Result.ServerCpu / 1e6 / each.Result.Seconds);
        Row("other processes, cores", each => each.Result.OtherCpu / 1e6 / each.Result.Seconds);
        Row("resident memory at most, MB", each => each.Peak / 1e6);
        Line("p99, times that without attack", column => $"{P99(column) / P99(columns[0]):0.##}");
        Line("p99 of each round, ms", column => string.Join(" ", column.Select(each => $"{each.Result.P99:0}")));

        void Row(string name, Func<Measurement, double> value) =>
            Line(name, column => $"{Median(column.Select(value)):0.##}");

        void Line(string name, Func<List<Measurement>, string> text) =>
            Console.WriteLine($"{name,-32}{string.Concat(columns.Select(column => $"{text(column),16}"))}");
    }

    private static double P99(List<Measurement> column) => Median(column.Select(each => each.Result.P99));

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    /// <summary>The latency of the crowd, and the largest resident memory of its server, in bytes.</summary>
    private readonly record struct Measurement(LoadResult Result, long Peak);
}
