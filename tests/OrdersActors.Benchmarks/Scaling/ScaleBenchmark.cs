using System.Diagnostics;
using OrdersActors.Benchmarks.Peers;
using OrdersActors.TestServer;

namespace OrdersActors.Benchmarks.Scaling;

/// <summary>
/// New clusters with more and more servers, each in a <see cref="CpuGroup"/> of its own, so that scaling shows on a
/// machine with few cores.
/// </summary>
/// <remarks>
/// <code>
///   control group 1: server ┐
///   control group 2: server ┼──► PostgreSQL ┐
///   …                       ┘               ├ the group of this process, without a quota
///   publishers and subscribers (this process)
/// </code>
/// <list type="number">
/// <item>The servers start, and compile the hot path under some load, without a quota.</item>
/// <item>Now the quota counts. All other connections open.</item>
/// <item>After some seconds of the same load, the deliveries and the processor times are measured.</item>
/// </list>
/// </remarks>
internal sealed class ScaleBenchmark(
    int percent, int connections, int organizations, int batch, TimeSpan warmUp, TimeSpan duration)
{
    // Connects under way for each server.
    private const int Parallel = 32;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    public async Task RunAsync(int[] counts)
    {
        Console.WriteLine(
            $"each server: {percent} % of a core, {connections} connections, {organizations} organizations with "
            + $"{batch} events in flight each; {Environment.ProcessorCount} cores");
        var results = new List<ScaleResult>();
        foreach (var count in counts)
        {
            results.Add(await RunAsync(count));
            Console.WriteLine(results[^1].ToRow(alone: null));
        }

        var alone = results.Find(result => result.Servers == 1);
        Console.WriteLine(ScaleResult.Header);
        results.ForEach(result => Console.WriteLine(result.ToRow(alone)));
    }

    private async Task<ScaleResult> RunAsync(int servers)
    {
        using var load = CpuGroup.Create("load");
        load.Add(Environment.ProcessId);
        var groups = Enumerable.Range(0, servers).Select(i => CpuGroup.Create($"server-{i}")).ToArray();
        try
        {
            await using var cluster = await ServerCluster.StartAsync(new ClusterSettings
            {
                Roles = [.. Enumerable.Repeat(ServerRole.All, servers)],
                Variables = new()
                {
                    // The runtime reads a quota at its start only. With less than one core it would count one.
                    ["DOTNET_PROCESSOR_COUNT"] = "1",
                    ["OrdersActors__Postgres__PartitionCount"] = "16",
                },
            });
            foreach (var (group, server) in groups.Zip(cluster.Servers))
            {
                group.Add(server.ProcessId);
            }

            return await MeasureAsync(cluster, groups);
        }
        finally
        {
            Array.ForEach(groups, group => group.Dispose());
        }
    }

    private async Task<ScaleResult> MeasureAsync(ServerCluster cluster, CpuGroup[] groups)
    {
        await using var crowd = await ScaleCrowd.CreateAsync(
            cluster, organizations * groups.Length, connections * groups.Length, batch);

        // 1.
        await crowd.ConnectOrganizationsAsync();
        // At least one for each organization, which publishes for its subscribers only. Many, because the path of a
        // connect must be compiled as well.
        await crowd.ConnectOrdersAsync(
            Math.Max(organizations, connections / 2) * groups.Length, Parallel * groups.Length);
        await crowd.PublishAsync(warmUp, () => Task.CompletedTask);

        // 2.
        Array.ForEach(groups, group => group.Limit(percent));
        var startedAt = Stopwatch.GetTimestamp();
        var opened = await crowd.ConnectOrdersAsync(int.MaxValue, Parallel * groups.Length);
        var connectRate = opened / Stopwatch.GetElapsedTime(startedAt).TotalSeconds;

        // 3.
        var result = new ScaleResult(groups.Length, percent / 100.0);
        await crowd.PublishAsync(Settling + duration, async () =>
        {
            await Task.Delay(Settling);
            result = await MeasureAsync(cluster, groups, crowd, result);
        });
        return result with { Connections = crowd.Connections, ConnectRate = connectRate };
    }

    private async Task<ScaleResult> MeasureAsync(
        ServerCluster cluster, CpuGroup[] groups, ScaleCrowd crowd, ScaleResult result)
    {
        var (startedAt, delivered) = (Stopwatch.GetTimestamp(), crowd.Delivered);
        var machine = ProcessUsage.OfMachine();
        var own = Measured.Of(Environment.ProcessId).Cpu;
        var (server, postgres) = (ServerTime(cluster), cluster.Postgres.ProcessorTime);
        var periods = groups.Select(group => group.Statistics()).ToArray();
        await Task.Delay(duration - TimeSpan.FromSeconds(1));
        var seconds = Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
        var perSecond = (crowd.Delivered - delivered) / seconds;
        var serverCores = (ServerTime(cluster) - server).TotalSeconds / seconds;
        var postgresCores = (cluster.Postgres.ProcessorTime - postgres).TotalSeconds / seconds;
        var loadCores = (Measured.Of(Environment.ProcessId).Cpu - own).TotalSeconds / seconds;
        var machineCores = (ProcessUsage.OfMachine() - machine) / 1e6 / seconds;
        var after = groups.Select(group => group.Statistics()).ToArray();
        return result with
        {
            DeliveryRate = perSecond,
            ServerCores = serverCores,
            PostgresCores = postgresCores,
            LoadCores = loadCores,
            OtherCores = Math.Max(0, machineCores - serverCores - postgresCores - loadCores),
            Throttled = after.Zip(periods, (a, b) =>
                (a.Throttled - b.Throttled) / (double)Math.Max(1, a.Periods - b.Periods)).Average(),
        };
    }

    private static TimeSpan ServerTime(ServerCluster cluster) =>
        TimeSpan.FromTicks(cluster.Servers.Sum(server => Measured.Of(server.ProcessId).Cpu.Ticks));
}
