using System.Collections.Concurrent;
using System.Diagnostics;
using OrdersActors.TestServer;

namespace OrdersActors.Benchmarks;

/// <summary>
/// One publisher (a real Orleans client) and one subscriber in this process, and the server in another. Measures the
/// time from the publisher's call until the frame is read, and until the call returns.
/// </summary>
internal static class LatencyBenchmark
{
    private const int WarmUpSeconds = 20;

    public static async Task RunAsync(int rate, int seconds)
    {
        await using var server = await ServerProcess.StartAsync();
        await using var service = await PublishingService.ConnectAsync(server.GatewayPort);
        var publisher = service.Publisher;
        await publisher.PublishAsync("demo", new OrderStatusEvent { OrderId = "o-1", Status = "created" });
        await using var client = await FrameReader.ConnectAsync(server.WebSocketAddress, "demo-key");
        await client.SubscribeAsync("o-1");

        var sent = new ConcurrentDictionary<string, long>();
        var toFrame = new List<double>();
        var toAnswer = new List<double>();
        var total = rate * seconds;
        for (var i = 0; i < rate * WarmUpSeconds; i++)
        {
            // Until the runtime has fully optimized the server's code, the JIT compiler would be measured.
            await publisher.PublishAsync("demo", new OrderStatusEvent { OrderId = "o-1", Status = "warming" });
            await client.ReadEventAsync();
            await Task.Delay(TimeSpan.FromSeconds(1.0 / rate));
        }

        var reading = Task.Run(async () =>
        {
            while (toFrame.Count < total)
            {
                var e = await client.ReadEventAsync();
                toFrame.Add(Stopwatch.GetElapsedTime(sent[e.GetProperty("id").GetString()!]).TotalMilliseconds);
            }
        });

        var before = Measured.Of(server.ProcessId);
        var startedAt = Stopwatch.GetTimestamp();
        var calls = new List<Task>();
        for (var i = 0; i < total; i++)
        {
            var due = TimeSpan.FromSeconds((double)i / rate) - Stopwatch.GetElapsedTime(startedAt);
            if (due > TimeSpan.Zero)
            {
                await Task.Delay(due);
            }

            calls.Add(PublishAsync($"e-{i}"));
        }

        await Task.WhenAll(calls);
        await reading;
        var cpu = Measured.Of(server.ProcessId).Cpu - before.Cpu;
        Console.WriteLine($"{total} events at {rate}/s, one subscriber");
        Report("publish to frame ", toFrame);
        Report("publish to answer", toAnswer);
        Console.WriteLine(
            $"server CPU         {cpu.TotalMilliseconds / total * 1000:0} µs per event, "
            + $"{cpu / Stopwatch.GetElapsedTime(startedAt):P1} of a core");

        async Task PublishAsync(string id)
        {
            var at = sent[id] = Stopwatch.GetTimestamp();
            await publisher.PublishAsync("demo", new OrderStatusEvent { Id = id, OrderId = "o-1", Status = "moving" });
            lock (toAnswer)
            {
                toAnswer.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
            }
        }
    }

    private static void Report(string what, List<double> milliseconds)
    {
        milliseconds.Sort();
        Console.WriteLine(
            $"{what}  median {At(0.5):0.00} ms, 99 % {At(0.99):0.00} ms, 99.9 % {At(0.999):0.00} ms, "
            + $"worst {milliseconds[^1]:0.00} ms");

        double At(double share) => milliseconds[(int)(share * (milliseconds.Count - 1))];
    }
}
