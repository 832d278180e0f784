using System.Globalization;
using OrdersActors.Publishing;
using OrdersActors.TestServer;

namespace OrdersActors.Benchmarks;

/// <summary>
/// Many clients resume at once, each the same number of events behind, as after the restart of a front end. Meanwhile a
/// client that stays connected receives live events of another organization. Reports the time to catch up, the server's
/// memory, and the latency of the client that stayed connected.
/// </summary>
internal static class ResumeBenchmark
{
    private const string Live = "live-shop";
    private const int LiveRate = 100;
    private const int QuietSeconds = 20;

    public static async Task RunAsync(int clients, int behind, int orders)
    {
        await using var server = await ServerProcess.StartAsync();
        await using var service = await PublishingService.ConnectAsync(server.GatewayPort);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(lane => FillAsync(service.Publisher, lane, behind, orders)));

        await service.PublishAsync(Live, "live", "created");
        var (key, _) = await server.CreateKeyAsync(Live);
        await using var untouched = await FrameReader.ConnectAsync(server.WebSocketAddress, key);
        await untouched.SubscribeAsync("live");
        using var stop = new CancellationTokenSource();
        var live = new LiveTraffic(service.Publisher, untouched, Live, "live", LiveRate);
        var publishing = live.RunAsync(stop.Token);
        await Task.Delay(TimeSpan.FromSeconds(QuietSeconds));
        var quiet = live.Take();

        using var crowd = ResumingCrowd.Start(server.WebSocketAddress, clients, behind, orders);
        await crowd.ReadAsync("connected");
        await Task.Delay(TimeSpan.FromSeconds(2));
        live.Take();
        var before = Measured.Of(server.ProcessId);
        var peak = before.ResidentBytes;
        using var sampling = new Timer(
            _ => peak = Math.Max(peak, Measured.Of(server.ProcessId).ResidentBytes), null, 0, 50);
        await crowd.GoAsync();
        var took = TimeSpan.FromSeconds(double.Parse(await crowd.ReadAsync("done"), CultureInfo.InvariantCulture));
        var during = live.Take();
        var cpu = Measured.Of(server.ProcessId).Cpu - before.Cpu;
        await stop.CancelAsync();
        await publishing;

        var events = (double)clients * behind;
        Console.WriteLine(
            $"{clients} clients resumed at once, each {behind} events behind, on {orders} orders: "
            + $"all caught up after {took.TotalSeconds:0.00} s, {events / took.TotalSeconds:0} events/s");
        Console.WriteLine(
            $"server CPU: {cpu.TotalMilliseconds / events * 1000:0.0} µs per event sent; "
            + $"memory {before.ResidentBytes / 1e6:0} MB before, {peak / 1e6:0} MB at its peak");
        Console.WriteLine(
            $"a client that stayed connected, at {LiveRate} events/s, publish to frame: before {Describe(quiet)}");
        Console.WriteLine($"                                                        during {Describe(during)}");
    }

    private static async Task FillAsync(IOrderStatusPublisher publisher, int lane, int behind, int orders)
    {
        for (var order = lane; order < orders; order += 8)
        {
            await publisher.PublishAsync("demo", [.. Enumerable.Range(0, behind).Select(i => new OrderStatusEvent
            {
                OrderId = $"o-{order}", Status = $"step-{i}", Details = $$"""{"amount":"{{i}}.00","currency":"EUR"}""",
            })]);
        }
    }

    private static string Describe(List<double> milliseconds)
    {
        milliseconds.Sort();
        return $"median {At(0.5):0.0} ms, 99 % {At(0.99):0.0} ms, worst {milliseconds[^1]:0.0} ms "
            + $"({milliseconds.Count} events)";

        double At(double share) => milliseconds[(int)(share * (milliseconds.Count - 1))];
    }
}
