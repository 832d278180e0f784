using System.Diagnostics;
using OrdersActors.Publishing;
using OrdersActors.TestServer;
using OrdersActors.TestServer.Hostile;

namespace OrdersActors.Benchmarks;

/// <summary>
/// Runs each of <see cref="Attacks"/> from a separate process against a new server, while a well-behaved client of
/// another organization receives live events. Prints the server's memory before the attack, at its peak and afterwards,
/// its CPU during the attack, and the client's latency before and during the attack.
/// </summary>
internal static class HostileBenchmark
{
    private const string Shop = "quiet-shop";
    private const int Rate = 50;
    private const int ReplayedEvents = 500;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    // Longer than the server's timeouts, so that connections that do not authenticate or do not answer a close are
    // gone.
    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(20);

    public static async Task RunAsync(TimeSpan length, string[] names)
    {
        Console.WriteLine(
            $"each attack for {length.TotalSeconds:0} s; "
            + $"memory in MB, latency publish to frame in ms at {Rate} events/s");
        Console.WriteLine(
            "attack                       before   peak  after   CPU core  quiet p50    p99   attacked p50    p99"
            + "  connections opened");
        foreach (var attack in Attacks.All.Where(attack => names.Length == 0 || names.Contains(attack.Name)))
        {
            await RunAsync(attack, length);
        }
    }

    /// <summary>The body of the attacking process.</summary>
    public static async Task AttackAsync(Uri address, string name, TimeSpan length)
    {
        var attack = Attacks.Get(name);
        using var stop = new CancellationTokenSource(length);
        await attack.RunAsync(address, stop.Token);
        Console.WriteLine(attack.Rounds);
    }

    private static async Task RunAsync(Attack attack, TimeSpan length)
    {
        await using var server = await ServerProcess.StartAsync();
        await using var service = await PublishingService.ConnectAsync(server.GatewayPort);
        await FillAsync(service.Publisher);
        await service.PublishAsync(Shop, "live", "created");
        var (key, _) = await server.CreateKeyAsync(Shop);
        await using var client = await FrameReader.ConnectAsync(server.WebSocketAddress, key);
        await client.SubscribeAsync("live");
        var live = new LiveTraffic(service.Publisher, client, Shop, "live", Rate);
        using var stop = new CancellationTokenSource();
        var publishing = live.RunAsync(stop.Token);
        await Task.Delay(WarmUp);
        live.Take();
        await Task.Delay(Quiet);
        var quiet = live.Take();

        var before = Measured.Of(server.ProcessId);
        var peak = before.ResidentBytes;
        var watch = Stopwatch.StartNew();
        using var sampling = new Timer(
            _ => peak = Math.Max(peak, Measured.Of(server.ProcessId).ResidentBytes), null, 0, 50);
        var opened = await AttackFromOutsideAsync(server.WebSocketAddress, attack, length);
        var cpu = (Measured.Of(server.ProcessId).Cpu - before.Cpu) / watch.Elapsed;
        var attacked = live.Take();
        await Task.Delay(Afterwards);
        await stop.CancelAsync();
        await publishing;
        var after = Measured.Of(server.ProcessId);
        Console.WriteLine(
            $"{attack.Name,-28} {Megabytes(before.ResidentBytes)} {Megabytes(peak)} "
            + $"{Megabytes(after.ResidentBytes)} {cpu,10:P0}"
            + $" {At(quiet, 0.5),10:0.0} {At(quiet, 0.99),6:0.0}"
            + $" {At(attacked, 0.5),14:0.0} {At(attacked, 0.99),6:0.0} {opened,19}");
    }

    /// <summary>
    /// Runs the attack in a separate process, so that the attackers' work does not delay the client whose latency is
    /// measured.
    /// </summary>
    private static async Task<string> AttackFromOutsideAsync(Uri address, Attack attack, TimeSpan length)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [
                typeof(HostileBenchmark).Assembly.Location, "attack", $"{address}", attack.Name,
                $"{length.TotalSeconds:0}",
            ])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var opened = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return opened.Trim();
    }

    private static Task FillAsync(IOrderStatusPublisher publisher) => publisher.PublishAsync(
        "demo", [.. Enumerable.Range(0, ReplayedEvents).Select(i => new OrderStatusEvent
        {
            OrderId = Attacks.Order, Status = $"step-{i}", Details = $$"""{"text":"{{new string('x', 2000)}}"}""",
        })]);

    private static string Megabytes(long bytes) => $"{bytes / 1e6,6:0}";

    private static double At(List<double> milliseconds, double share)
    {
        milliseconds.Sort();
        return milliseconds.Count == 0 ? double.NaN : milliseconds[(int)(share * (milliseconds.Count - 1))];
    }
}
