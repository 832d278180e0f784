using OrdersActors.Checker.Reporting;
using OrdersActors.TestServer;

namespace OrdersActors.Checker.Trouble;

/// <summary>Kills the server and starts it again, or stops it for a while, at random.</summary>
internal sealed class ServerTrouble(ServerProcess server, CheckOptions options, RunCounts counts, ServerTotalsSum totals)
{
    private readonly Random _random = new(options.Seed);

    /// <summary>Until all is to be calm; the server runs then.</summary>
    public async Task RunAsync(CancellationToken calm)
    {
        if (options.KillEvery.Most == 0)
        {
            return;
        }

        while (await WaitAsync(Between(options.KillEvery.Least, options.KillEvery.Most), calm))
        {
            if (options.StopFor > 0 && _random.Next(3) == 0)
            {
                await server.SignalAsync("STOP");
                counts.Stopped();
                await WaitAsync(options.StopFor, calm);
                await server.SignalAsync("CONT");
            }
            else
            {
                await server.KillAsync();
                counts.Killed();
                totals.NextProcess();
                await WaitAsync(Between(0, 2), calm);
                await server.StartAgainAsync();
            }
        }
    }

    private double Between(double least, double most) => least + (_random.NextDouble() * (most - least));

    private static async Task<bool> WaitAsync(double seconds, CancellationToken calm)
    {
        await Task.Delay(TimeSpan.FromSeconds(seconds), calm).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !calm.IsCancellationRequested;
    }
}
