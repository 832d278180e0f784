using System.Diagnostics;
using System.Globalization;
using OrdersActors.TestServer;

namespace OrdersActors.Benchmarks;

/// <summary>
/// Runs the same <see cref="Flood"/> against new clusters of one, two and three servers. Events are published through
/// all servers at once, and the subscribers are spread over them. All processes share the cores of this machine, so the
/// cost of more servers shows in the CPU time, not in the rate.
/// </summary>
/// <remarks>
/// The flood runs twice. A cluster that has just started compiles its code, and its organizations notify every order's
/// grain until they learn, after one lease, which orders are watched. The subscribers to orders connect after the first
/// flood, because it creates the orders.
/// </remarks>
internal sealed class ClusterBenchmark(
    int events, int orders, int organizations, int watched, int callers, bool fsync)
{
    // Short, so that the second flood does not wait long.
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(20);

    public async Task RunAsync(int[] servers)
    {
        Console.WriteLine(
            $"{events} events, {orders} orders, {organizations} organizations with a subscriber each, "
            + $"{watched} orders with a subscriber each, PostgreSQL {(fsync ? "with" : "without")} fsync; "
            + (callers == 0
                ? "published by publish --file, one for each server"
                : $"published one by one, {callers} at once"));
        foreach (var count in servers)
        {
            using var flood = new Flood(events, orders, organizations, watched, files: count);
            await flood.WriteAsync();
            await RunAsync(flood, count);
        }
    }

    private async Task RunAsync(Flood flood, int servers)
    {
        await using var cluster = await ServerCluster.StartAsync(new ClusterSettings
        {
            Roles = [.. Enumerable.Repeat(ServerRole.All, servers)],
            PostgresSettings = fsync ? ["fsync=on"] : [],
            Variables = new()
            {
                ["OrdersActors__Grains__ObserverLease"] = $"{Lease}",
                // The subscribers share the cores with the servers. They must not be disconnected for being slow.
                ["OrdersActors__FrontEnd__MaxQueuedBytes"] = $"{256 * 1024 * 1024}",
            },
        });
        PublishingService[] services = callers == 0
            ? []
            : await Task.WhenAll(
                cluster.Servers.Select(server => PublishingService.ConnectAsync([server.Gateway], cluster.Id)));
        Func<Task> publish = callers == 0
            ? () => PublishFilesAsync(flood, cluster)
            : () => flood.PublishOneByOneAsync(services, callers);
        var subscribers = await flood.SubscribeAsync(cluster.Servers);
        await MeasureAsync($"{servers} servers, at first:", cluster, publish, subscribers);
        subscribers = [.. subscribers, .. await flood.SubscribeToOrdersAsync(cluster.Servers)];
        await Task.Delay(Lease);
        await MeasureAsync($"{servers} servers, then:    ", cluster, publish, subscribers);
        foreach (var disposable in subscribers.Concat<IAsyncDisposable>(services))
        {
            await disposable.DisposeAsync();
        }
    }

    /// <summary>Publishes, and reads to the end. The time includes the start of the publisher processes.</summary>
    private async Task MeasureAsync(
        string when, ServerCluster cluster, Func<Task> publish, FloodSubscriber[] subscribers)
    {
        var totals = await PostgresTotalsAsync(cluster);
        var (before, postgresBefore) = (ProcessorTime(cluster), cluster.Postgres.ProcessorTime);
        var startedAt = Stopwatch.GetTimestamp();
        var reading = Task.WhenAll(subscribers.Select(subscriber => subscriber.CheckAsync()));
        await publish();
        var committedAfter = Stopwatch.GetElapsedTime(startedAt);
        await reading;
        var deliveredAfter = Stopwatch.GetElapsedTime(startedAt);
        var (cpu, postgres) = (ProcessorTime(cluster) - before, cluster.Postgres.ProcessorTime - postgresBefore);
        double[] each = [.. (await PostgresTotalsAsync(cluster))
            .Zip(totals, (after, earlier) => (double)(after - earlier) / events)];
        Console.WriteLine(
            $"{when} {events / committedAfter.TotalSeconds:0} events/s committed, "
            + $"{events / deliveredAfter.TotalSeconds:0} delivered; "
            + $"CPU per event {cpu.TotalMicroseconds / events:0.0} µs in the servers, "
            + $"{postgres.TotalMicroseconds / events:0.0} µs in PostgreSQL; "
            + $"{each[0]:0.000} transactions, {each[1]:0} bytes of WAL and {each[2]:0} bytes  of tables per event");
    }

    private static Task PublishFilesAsync(Flood flood, ServerCluster cluster) =>
        Task.WhenAll(cluster.Servers.Zip(flood.Files, async (server, file) =>
        {
            var published = await server.RunAsync("publish", "--file", file, "--gateway", $"{server.Gateway}");
            if (published.ExitCode != 0)
            {
                throw new InvalidOperationException(published.Error);
            }
        }));

    /// <summary>
    /// Transactions that wrote, bytes of WAL, and bytes of tables. Each total includes a little background activity.
    /// </summary>
    private static async Task<long[]> PostgresTotalsAsync(ServerCluster cluster)
    {
        var totals = await cluster.Postgres.SqlAsync("orders", """
            SELECT pg_snapshot_xmax(pg_current_snapshot())::text
                || ' ' || pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint
                || ' ' || pg_database_size('orders')
            """);
        return Array.ConvertAll(totals.Split(' '), total => long.Parse(total, CultureInfo.InvariantCulture));
    }

    private static TimeSpan ProcessorTime(ServerCluster cluster) =>
        TimeSpan.FromTicks(cluster.Servers.Sum(server => Measured.Of(server.ProcessId).Cpu.Ticks));
}
