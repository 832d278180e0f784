using System.Diagnostics;
using OrdersActors.TestServer;

namespace OrdersActors.Benchmarks;

/// <summary>Publishes a <see cref="Flood"/> from a separate process to a running server.</summary>
internal static class FloodBenchmark
{
    public static async Task RunAsync(int events, int orders, int organizations)
    {
        await using var server = await ServerProcess.StartAsync();
        using var flood = new Flood(events, orders, organizations);
        await flood.WriteAsync();
        var subscribers = await flood.SubscribeAsync([server]);
        var before = Measured.Of(server.ProcessId);
        var startedAt = Stopwatch.GetTimestamp();
        var reading = Task.WhenAll(subscribers.Select(subscriber => subscriber.CheckAsync()));
        var published = await server.RunAsync("publish", "--file", flood.Files[0]);
        var publishedAfter = Stopwatch.GetElapsedTime(startedAt);
        if (published.ExitCode != 0)
        {
            throw new InvalidOperationException(published.Error);
        }

        await reading;
        var deliveredAfter = Stopwatch.GetElapsedTime(startedAt);
        var cpu = Measured.Of(server.ProcessId).Cpu - before.Cpu;
        Console.WriteLine(
            $"{events} events, {orders} orders, {organizations} organizations; "
            + "each organization's subscriber saw 1 to n without gap or repeat");
        Console.WriteLine($"publisher:  {published.Output.Trim()}");
        Console.WriteLine(
            $"all committed {publishedAfter.TotalSeconds:0.00} s "
            + $"and all delivered {deliveredAfter.TotalSeconds:0.00} s "
            + "after the publisher's start (its own start included): "
            + $"{events / deliveredAfter.TotalSeconds:0} events/s");
        Console.WriteLine(
            $"server CPU: {cpu.TotalMilliseconds / events * 1000:0.0} µs per event; "
            + $"memory {Measured.Of(server.ProcessId).ResidentBytes / 1e6:0} MB");
        foreach (var client in subscribers)
        {
            await client.DisposeAsync();
        }
    }
}
