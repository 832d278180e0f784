using System.Diagnostics;
using System.Text.Json;

namespace OrdersActors.Benchmarks.Peers;

/// <summary>
/// Runs the same workloads against OrdersActors and other servers. Each run has new processes on this machine: the
/// server, the publisher of OrdersActors, and the load process with the subscribers. Within a repetition the peers take
/// turns, so that other load of the machine and its temperature affect all of them. Every second repetition has them in
/// the opposite order, because a run's place in the order changes its figures as well.
/// </summary>
internal sealed class PeersBenchmark(
    IReadOnlyList<string> work, IReadOnlyList<string> peers, int seconds, int repeat, IReadOnlyList<string> settings,
    bool countsCalls)
{
    public async Task RunAsync()
    {
        Console.WriteLine(
            $"{DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, {Environment.ProcessorCount} cores, .NET {Environment.Version}, "
            + $"load average {(await File.ReadAllTextAsync("/proc/loadavg")).Split(' ')[0]}, "
            + $"{repeat} repetitions, {seconds} s for each phase");
        foreach (var workload in work)
        {
            var table = new ResultTable(workload);
            for (var repetition = 0; repetition < repeat; repetition++)
            {
                foreach (var peer in repetition % 2 == 0 ? peers : peers.Reverse())
                {
                    await RunAsync(workload, peer, table);
                }
            }

            table.Write(Console.Out);
        }
    }

    private async Task RunAsync(string workload, string peer, ResultTable table)
    {
        await using var running = await RunningPeer.StartAsync(peer, settings);
        var target = running.Target with { CountsCalls = countsCalls };
        var start = PeerProcess.Command("peer-load", workload, target.ToJson(), $"{seconds}");
        start.RedirectStandardOutput = true;
        using var load = Process.Start(start)!;
        try
        {
            while (await load.StandardOutput.ReadLineAsync() is { } line)
            {
                var result = JsonSerializer.Deserialize<LoadResult>(line)!;
                table.Add(peer, result);
                Console.WriteLine($"{workload} {peer}: {ResultTable.Summary(result)}");
            }

            await load.WaitForExitAsync();
        }
        finally
        {
            if (!load.HasExited)
            {
                load.Kill();
            }
        }

        if (load.ExitCode != 0)
        {
            throw new InvalidOperationException($"{workload} failed with {peer}; see the error above.");
        }
    }
}
