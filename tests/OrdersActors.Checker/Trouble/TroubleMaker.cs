using System.Diagnostics;
using OrdersActors.Checker.Judging;
using OrdersActors.Checker.Reporting;
using OrdersActors.TestServer;

namespace OrdersActors.Checker.Trouble;

/// <summary>
/// Makes faults at random intervals, one after the other. The <see cref="Supervisor"/> restarts the processes that end.
/// </summary>
internal sealed class TroubleMaker(Stage stage, CheckOptions options, RunCounts counts, Progress progress)
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(90);

    private readonly Random _random = new(options.Seed);
    private readonly TroubleKind[] _round =
        [.. TroubleKinds.RoundOf(options)
            .Where(kind => kind is not TroubleKind.NetworkCut || stage.Network is not null)];

    private readonly List<Incident> _incidents = [];
    private readonly List<Rewrite> _rewrites = [];
    private Incident? _last;

    /// <summary>The faults made so far.</summary>
    public IReadOnlyList<Incident> Incidents => _incidents;

    /// <summary>The times when history was rewritten.</summary>
    public IReadOnlyList<Rewrite> Rewrites => _rewrites;

    /// <summary>
    /// Runs until <paramref name="calm"/>. Then all servers must serve; the result is a violation, or null.
    /// </summary>
    public async Task<CounterExample?> RunAsync(CancellationToken calm)
    {
        try
        {
            var troubles = TroubleKinds.Shuffle(_round, _random);
            foreach (var kind in options.MaxTroubles > 0 ? troubles.Take(options.MaxTroubles) : troubles)
            {
                if (!await WaitAsync(Between(options.KillEvery.Least, options.KillEvery.Most), calm))
                {
                    break;
                }

                var place = _random.Next(stage.Servers.Count);
                if (kind.IsOfOneServer())
                {
                    // A fault of a server that is still starting would affect nobody.
                    await Supervisor.WaitUntilReadyAsync(stage.Servers[place], StartTimeout);
                }

                FinishLast();
                var due = kind.Due(isUpgraded: stage.Servers[0].Executable is null);
                progress.Tell($"{due.Name()}{(due.IsOfOneServer() ? $" {place}" : "")}");
                _last = new Incident(due, due.IsOfOneServer() ? place : null, Stopwatch.GetTimestamp(), 0);
                await MakeAsync(due, place, calm);
                counts.Happened(due);
            }

            FinishLast();
            await Task.WhenAll(stage.Servers.Select(server => Supervisor.WaitUntilReadyAsync(server, StartTimeout)));
            return null;
        }
        catch (TimeoutException e)
        {
            return new CounterExample(
                "a server", "the cluster", "to shut down when asked to, and to serve again", e.Message);
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
                await RestartAllAsync();
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
            case TroubleKind.Upgrade:
                await ReplaceAllAsync(executable: null);
                break;
            case TroubleKind.Rollback:
                await ReplaceAllAsync(options.PreviousServer);
                break;
        }
    }

    private async Task RestartAllAsync()
    {
        for (var i = 0; i < stage.Servers.Count; i++)
        {
            await Supervisor.WaitUntilReadyAsync(stage.Servers[i], StartTimeout);
            await stage.Servers[i].StopAsync();
            await Supervisor.WaitUntilReadyAsync(stage.Servers[i], StartTimeout);
            await (stage.LoadBalancer?.WaitForStateAsync(i, isUp: true) ?? Task.CompletedTask);
        }
    }

    /// <summary>Ends the last fault: what is observed from now on is not its consequence.</summary>
    private void FinishLast()
    {
        if (_last is { } last)
        {
            _incidents.Add(last with { Until = Stopwatch.GetTimestamp() });
            _last = null;
        }
    }

    /// <summary>Ends one server after the other. The supervisor starts each again with the other build.</summary>
    private async Task ReplaceAllAsync(string? executable)
    {
        foreach (var next in stage.Servers)
        {
            await Supervisor.WaitUntilReadyAsync(next, StartTimeout);
            next.Executable = executable;
            await next.StopAsync();
            await Supervisor.WaitUntilReadyAsync(next, StartTimeout);
        }
    }

    private double Between(double least, double most) => least + (_random.NextDouble() * (most - least));

    private static async Task<bool> WaitAsync(double seconds, CancellationToken calm)
    {
        await Task.Delay(TimeSpan.FromSeconds(seconds), calm).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !calm.IsCancellationRequested;
    }
}
