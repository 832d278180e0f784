using System.Diagnostics;
using OrdersActors.TestServer;

namespace OrdersActors.Benchmarks;

/// <summary>
/// The same <see cref="Flood"/> into clusters of one server, of two and of three, each new, with the subscribers spread over the
/// servers. All share this machine's cores, so what more servers cost is seen in the processor time, not in the rate.
/// </summary>
/// <remarks>
/// The flood comes twice, and the second is measured: a cluster that has just started compiles its code, and its organizations
/// tell every order's grain of its events until they know, after one lease, which orders are watched.
/// </remarks>
internal static class ClusterBenchmark
{
    // Short, so that the second flood need not wait long.
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(20);

    public static async Task RunAsync(int events, int orders, int organizations, int watched, int servers)
    {
        Console.WriteLine(
            $"{events} events, {orders} orders, {organizations} organizations with a subscriber each, {watched} orders with a subscriber each, PostgreSQL");
        for (var count = 1; count <= servers; count++)
        {
            using var flood = new Flood(events, orders, organizations, watched);
            await flood.WriteAsync();
            await RunAsync(flood, count, events);
        }
    }

    private static async Task RunAsync(Flood flood, int servers, int events)
    {
        await using var cluster = await ServerCluster.StartAsync(new ClusterSettings
        {
            Roles = [.. Enumerable.Repeat(ServerRole.All, servers)],
            Variables = new() { ["OrdersActors__Grains__ObserverLease"] = $"{Lease}" },
        });
        var subscribers = await flood.SubscribeAsync(cluster.Servers);
        await PublishAsync(flood, cluster, subscribers);
        subscribers = [.. subscribers, .. await flood.SubscribeToOrdersAsync(cluster.Servers)];
        await Task.Delay(Lease);

        var (before, postgresBefore) = (ProcessorTime(cluster), cluster.Postgres.ProcessorTime);
        var (output, committedAfter, deliveredAfter) = await PublishAsync(flood, cluster, subscribers);
        var (cpu, postgres) = (ProcessorTime(cluster) - before, cluster.Postgres.ProcessorTime - postgresBefore);
        Console.WriteLine(
            $"{servers} servers: {output}; with the publisher's start {events / committedAfter.TotalSeconds:0} events/s committed, {events / deliveredAfter.TotalSeconds:0} delivered; "
            + $"CPU an event {cpu.TotalMicroseconds / events:0.0} µs in the servers, {postgres.TotalMicroseconds / events:0.0} µs in PostgreSQL");
        foreach (var client in subscribers)
        {
            await client.DisposeAsync();
        }
    }

    private static async Task<(string Output, TimeSpan CommittedAfter, TimeSpan DeliveredAfter)> PublishAsync(
        Flood flood, ServerCluster cluster, FloodSubscriber[] subscribers)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var reading = Task.WhenAll(subscribers.Select(subscriber => subscriber.CheckAsync()));
        var published = await cluster.Servers[0].RunAsync("publish", "--file", flood.File);
        var committedAfter = Stopwatch.GetElapsedTime(startedAt);
        if (published.ExitCode != 0)
        {
            throw new InvalidOperationException(published.Error);
        }

        await reading;
        return (published.Output.Trim(), committedAfter, Stopwatch.GetElapsedTime(startedAt));
    }

    private static TimeSpan ProcessorTime(ServerCluster cluster) =>
        TimeSpan.FromTicks(cluster.Servers.Sum(server => Measured.Of(server.ProcessId).Cpu.Ticks));
}
