using System.Text.Json;

namespace OrdersActors.Benchmarks.Peers.Load;

/// <summary>The process of the subscribers. It prints one line of JSON for each phase of the workload.</summary>
internal static class LoadProcess
{
    private const double WarmUpSeconds = 5;
    private const int FanOutSubscribers = 1_000;
    private const int FanOutRate = 50;
    private const int FanOutInFlight = 256;
    private const int Orders = 5_000;
    private const int OrdersInFlight = 512;
    private const int Connections = 10_000;
    private const int WarmUpConnections = 200;
    private const int MostRounds = 5;
    private const int SmallBuffer = 4 * 1024;

    // In this time the servers ping, and OrdersActors renews each lease once.
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(3);

    public static void Run(string work, LoadTarget target, int seconds)
    {
        using var crowd = new Crowd(target);
        switch (work)
        {
            case "W1":
                FanOut(target, crowd, seconds);
                break;
            case "W2":
                OneByOne(target, crowd, seconds);
                break;
            case "slow":
                SlowReader(target, crowd, seconds);
                break;
            case "W3":
                StayIdle(target, crowd);
                break;
            default:
                Connect(target, crowd, seconds);
                break;
        }
    }

    /// <summary>W1: one order with many subscribers.</summary>
    private static void FanOut(LoadTarget target, Crowd crowd, int seconds)
    {
        using var traffic = WarmUpFanOut(target, crowd);
        Report(traffic.Steady(FanOutRate, seconds));
        Report(traffic.Saturated(FanOutInFlight, seconds));
    }

    /// <summary>W1 without and with a subscriber that does not read.</summary>
    private static void SlowReader(LoadTarget target, Crowd crowd, int seconds)
    {
        using var traffic = WarmUpFanOut(target, crowd);
        Report(traffic.Steady(FanOutRate, seconds) with { Phase = "all read" });
        using var slow = new Crowd(target) { ReceiveBuffer = SmallBuffer };
        slow.Open(1, _ => 0);
        // Fills the buffers of its connection.
        traffic.Steady(FanOutRate, 2 * WarmUpSeconds);
        Report(traffic.Steady(FanOutRate, seconds) with { Phase = "one does not read" });
    }

    private static Traffic WarmUpFanOut(LoadTarget target, Crowd crowd)
    {
        crowd.Open(FanOutSubscribers, _ => 0);
        var traffic = new Traffic(target, crowd, topics: 1, FanOutSubscribers);
        traffic.Start();
        traffic.Saturated(FanOutInFlight, WarmUpSeconds);
        traffic.Steady(FanOutRate, WarmUpSeconds);
        return traffic;
    }

    /// <summary>W2: many orders with one subscriber each.</summary>
    private static void OneByOne(LoadTarget target, Crowd crowd, int seconds)
    {
        crowd.Open(Orders, i => i);
        using var traffic = new Traffic(target, crowd, Orders, subscribers: 1);
        traffic.Start();
        traffic.Saturated(OrdersInFlight, 2 * WarmUpSeconds);
        traffic.Steady(5_000, WarmUpSeconds);
        Report(traffic.Steady(1_250, seconds));
        Report(traffic.Steady(5_000, seconds));
        Report(traffic.Saturated(OrdersInFlight, seconds));
    }

    /// <summary>W3: idle connections. The first few pay for what the server needs once.</summary>
    private static void StayIdle(LoadTarget target, Crowd crowd)
    {
        crowd.Open(WarmUpConnections, i => i);
        crowd.ReadFor(Pause);
        using var opening = new Meter(target);
        crowd.Open(Connections, i => WarmUpConnections + i);
        crowd.ReadFor(Pause);
        using var idle = new Meter(target);
        crowd.ReadFor(Idle);
        var memory = opening.Stop("", "", 0).Memory;
        Report(idle.Stop("idle", "connection", Connections) with { Memory = memory });
    }

    /// <summary>Opens connections, closes them, and opens others. The first round warms up.</summary>
    private static void Connect(LoadTarget target, Crowd crowd, int seconds)
    {
        var total = new LoadResult("connects", "connection");
        for (var round = 0; round <= MostRounds && total.Seconds < seconds; round++)
        {
            using var meter = new Meter(target);
            crowd.Open(Connections, i => i);
            var result = meter.Stop("connects", "connection", Connections);
            total = round == 0 ? total : total + result;
            crowd.Close();
            Thread.Sleep(Pause);
        }

        Report(total);
    }

    private static void Report(LoadResult result) => Console.WriteLine(JsonSerializer.Serialize(result));
}
