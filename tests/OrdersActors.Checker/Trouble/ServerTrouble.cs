using OrdersActors.Checker.Reporting;
using OrdersActors.TestServer;

namespace OrdersActors.Checker.Trouble;

/// <summary>
/// What happens to the server, in turn and at random intervals: it is killed, stopped for a while (SIGSTOP), killed again, and
/// asked to leave (SIGTERM) as when a new version is installed.
/// </summary>
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

        for (var turn = 0; await WaitAsync(Between(options.KillEvery.Least, options.KillEvery.Most), calm); turn++)
        {
            switch (turn % 4)
            {
                case 1 when options.StopFor > 0:
                    await server.SignalAsync("STOP");
                    counts.Stopped();
                    await WaitAsync(options.StopFor, calm);
                    await server.SignalAsync("CONT");
                    break;
                case 3:
                    await server.StopAsync();
                    counts.Restarted();
                    await StartAgainAsync(calm);
                    break;
                default:
                    await server.KillAsync();
                    counts.Killed();
                    await StartAgainAsync(calm);
                    break;
            }
        }
    }

    private async Task StartAgainAsync(CancellationToken calm)
    {
        totals.NextProcess();
        await WaitAsync(Between(0, 2), calm);
        await server.StartAgainAsync();
    }

    private double Between(double least, double most) => least + (_random.NextDouble() * (most - least));

    private static async Task<bool> WaitAsync(double seconds, CancellationToken calm)
    {
        await Task.Delay(TimeSpan.FromSeconds(seconds), calm).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !calm.IsCancellationRequested;
    }
}
