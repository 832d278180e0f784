using System.Diagnostics;
using OrdersActors.TestServer;

namespace OrdersActors.Benchmarks;

/// <summary>
/// The same <see cref="Flood"/> into clusters of one server, of two and of three, each new, with the subscribers spread over the
/// servers. All share this machine's cores, so what more servers cost is seen in the processor time, not in the rate.
/// </summary>
internal static class ClusterBenchmark
{
    public static async Task RunAsync(int events, int orders, int organizations, int servers)
    {
        using var flood = new Flood(events, orders, organizations);
        await flood.WriteAsync();
        Console.WriteLine($"{events} events, {orders} orders, {organizations} organizations with a subscriber each, PostgreSQL");
        for (var count = 1; count <= servers; count++)
        {
            await RunAsync(flood, count, events);
        }
    }

    private static async Task RunAsync(Flood flood, int servers, int events)
    {
        await using var cluster = await ServerCluster.StartAsync(new ClusterSettings
        {
            Roles = [.. Enumerable.Repeat(ServerRole.All, servers)],
        });
        var subscribers = await flood.SubscribeAsync(cluster.Servers);
        var (before, postgresBefore) = (ProcessorTime(cluster), cluster.Postgres.ProcessorTime);
        var startedAt = Stopwatch.GetTimestamp();
        var reading = flood.CheckAsync(subscribers);
        var published = await cluster.Servers[0].RunAsync("publish", "--file", flood.File);
        var committedAfter = Stopwatch.GetElapsedTime(startedAt);
        if (published.ExitCode != 0)
        {
            throw new InvalidOperationException(published.Error);
        }

        await reading;
        var deliveredAfter = Stopwatch.GetElapsedTime(startedAt);
        var (cpu, postgres) = (ProcessorTime(cluster) - before, cluster.Postgres.ProcessorTime - postgresBefore);
        Console.WriteLine(
            $"{servers} servers: {published.Output.Trim()}; with the publisher's start {events / committedAfter.TotalSeconds:0} events/s committed, {events / deliveredAfter.TotalSeconds:0} delivered; "
            + $"CPU an event {cpu.TotalMicroseconds / events:0.0} µs in the servers, {postgres.TotalMicroseconds / events:0.0} µs in PostgreSQL");
        foreach (var client in subscribers)
        {
            await client.DisposeAsync();
        }
    }

    private static TimeSpan ProcessorTime(ServerCluster cluster) =>
        TimeSpan.FromTicks(cluster.Servers.Sum(server => Measured.Of(server.ProcessId).Cpu.Ticks));
}
