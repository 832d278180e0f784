using System.Diagnostics;
using OrdersActors.Checker.Judging;
using OrdersActors.Checker.Reporting;
using OrdersActors.TestServer;

namespace OrdersActors.Checker.Trouble;

/// <summary>
/// Makes trouble at random intervals, one thing after the other. What ends is started again by the <see cref="Supervisor"/>.
/// </summary>
internal sealed class TroubleMaker(Stage stage, CheckOptions options, RunCounts counts, Progress progress)
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(90);

    private readonly Random _random = new(options.Seed);
    private readonly TroubleKind[] _round =
        [.. TroubleKinds.RoundOf(options).Where(kind => kind is not TroubleKind.NetworkCut || stage.Network is not null)];

    private readonly List<Kill> _kills = [];
    private (int Server, long At)? _lastKill;

    /// <summary>The kills so far.</summary>
    public IReadOnlyList<Kill> Kills => _kills;

    /// <summary>Until all is to be calm. All servers serve then; what is said instead is wrong.</summary>
    public async Task<CounterExample?> RunAsync(CancellationToken calm)
    {
        try
        {
            foreach (var kind in TroubleKinds.Shuffle(_round, _random))
            {
                if (!await WaitAsync(Between(options.KillEvery.Least, options.KillEvery.Most), calm))
                {
                    break;
                }

                FinishKill();
                counts.Happened(kind);
                var place = _random.Next(stage.Servers.Count);
                progress.Tell($"{kind.Name()}{(kind.IsOfOneServer() ? $" {place}" : "")}");
                await MakeAsync(kind, place, calm);
            }

            FinishKill();
            await Task.WhenAll(stage.Servers.Select(server => Supervisor.WaitUntilReadyAsync(server, StartPatience)));
            return null;
        }
        catch (TimeoutException e)
        {
            return new CounterExample("a server", "the cluster", "to end when it is asked to, and to serve again", e.Message);
        }
    }

    private async Task MakeAsync(TroubleKind kind, int place, CancellationToken calm)
    {
        var server = stage.Servers[place];
        switch (kind)
        {
            case TroubleKind.Kill:
                // One that is just starting is no loss to anybody.
                await Supervisor.WaitUntilReadyAsync(server, StartPatience);
                _lastKill = (place, Stopwatch.GetTimestamp());
                await server.KillAsync();
                break;
            case TroubleKind.Stop:
                await server.SignalAsync("STOP");
                await WaitAsync(options.StopFor, calm);
                await server.SignalAsync("CONT");
                break;
            case TroubleKind.Restart:
                await RestartAsync(server);
                break;
            case TroubleKind.RollingRestart:
                foreach (var next in stage.Servers)
                {
                    await RestartAsync(next);
                    await Supervisor.WaitUntilReadyAsync(next, StartPatience);
                }

                break;
            case TroubleKind.DatabaseRestart:
                await stage.Postgres!.RestartAsync();
                break;
            case TroubleKind.DatabaseKill:
                await stage.Postgres!.KillAsync();
                await WaitAsync(Between(0, 2), calm);
                await stage.Postgres.StartAgainAsync();
                break;
            case TroubleKind.NetworkCut:
                stage.Network!.Cut(place);
                await WaitAsync(options.CutNetwork, calm);
                stage.Network.Heal(place);
                break;
        }
    }

    /// <summary>Asks a server to leave, once it is there: one that is starting knows nobody yet whom it would have to tell.</summary>
    private static async Task RestartAsync(ServerProcess server)
    {
        await Supervisor.WaitUntilReadyAsync(server, StartPatience);
        await server.StopAsync();
    }

    /// <summary>Whatever is seen from now on is not the last kill's doing.</summary>
    private void FinishKill()
    {
        if (_lastKill is var (server, at))
        {
            _kills.Add(new Kill(server, at, Math.Min(Stopwatch.GetTimestamp(), at + (30 * Stopwatch.Frequency))));
            _lastKill = null;
        }
    }

    private double Between(double least, double most) => least + (_random.NextDouble() * (most - least));

    private static async Task<bool> WaitAsync(double seconds, CancellationToken calm)
    {
        await Task.Delay(TimeSpan.FromSeconds(seconds), calm).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !calm.IsCancellationRequested;
    }
}
