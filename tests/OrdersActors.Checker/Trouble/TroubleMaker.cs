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

    private readonly List<Incident> _incidents = [];
    private readonly List<Rewrite> _rewrites = [];
    private Incident? _last;

    /// <summary>What has happened so far.</summary>
    public IReadOnlyList<Incident> Incidents => _incidents;

    /// <summary>When history was rewritten.</summary>
    public IReadOnlyList<Rewrite> Rewrites => _rewrites;

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

                var place = _random.Next(stage.Servers.Count);
                if (kind.IsOfOneServer())
                {
                    // One that is just starting is no loss to anybody.
                    await Supervisor.WaitUntilReadyAsync(stage.Servers[place], StartPatience);
                }

                FinishLast();
                counts.Happened(kind);
                progress.Tell($"{kind.Name()}{(kind.IsOfOneServer() ? $" {place}" : "")}");
                _last = new Incident(kind, kind.IsOfOneServer() ? place : null, Stopwatch.GetTimestamp(), 0);
                await MakeAsync(kind, place, calm);
            }

            FinishLast();
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
                await server.KillAsync();
                break;
            case TroubleKind.Stop:
                await server.SignalAsync("STOP");
                await WaitAsync(options.StopFor, calm);
                await server.SignalAsync("CONT");
                break;
            case TroubleKind.Restart:
                await server.StopAsync();
                break;
            case TroubleKind.RollingRestart:
                foreach (var next in stage.Servers)
                {
                    await Supervisor.WaitUntilReadyAsync(next, StartPatience);
                    await next.StopAsync();
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
            case TroubleKind.LostCommits:
                _rewrites.Add(await stage.LoseCommitsAsync(() => WaitAsync(options.LoseCommits, calm)));
                break;
            case TroubleKind.NetworkCut:
                stage.Network!.Cut(place);
                await WaitAsync(options.CutNetwork, calm);
                stage.Network.Heal(place);
                break;
        }
    }

    /// <summary>Whatever is seen from now on is not the last trouble's doing.</summary>
    private void FinishLast()
    {
        if (_last is { } last)
        {
            _incidents.Add(last with { Until = Stopwatch.GetTimestamp() });
            _last = null;
        }
    }

    private double Between(double least, double most) => least + (_random.NextDouble() * (most - least));

    private static async Task<bool> WaitAsync(double seconds, CancellationToken calm)
    {
        await Task.Delay(TimeSpan.FromSeconds(seconds), calm).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !calm.IsCancellationRequested;
    }
}
