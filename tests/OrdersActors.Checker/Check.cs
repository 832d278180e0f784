using System.Diagnostics;
using OrdersActors.Checker.Clients;
using OrdersActors.Checker.Judging;
using OrdersActors.Checker.Libraries;
using OrdersActors.Checker.Proxy;
using OrdersActors.Checker.Publishing;
using OrdersActors.Checker.Reporting;
using OrdersActors.Checker.Trouble;
using OrdersActors.Checker.World;

namespace OrdersActors.Checker;

/// <summary>One run of the checker, from the server's start to the verdict.</summary>
/// <remarks>
/// <code>
///   1 servers, keys, publishers ──► 2 orders exist ──► 3 clients, publishing, faults
///   ──► 4 calm: pending calls finish ──► 5 the whole history is read
///   ──► 6 every client catches up ──► 7 the judge
/// </code>
/// An obvious violation that a client sees ends the run at once.
/// </remarks>
internal sealed class Check : IDisposable
{
    private static readonly TimeSpan SettlingTimeout = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan KindsTimeout = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan HistoryPause = TimeSpan.FromMilliseconds(250);

    private readonly CheckOptions _options;
    private readonly RunCounts _counts = new();
    private readonly ServerTotalsSum _totals = new();
    private readonly CancellationTokenSource _calm = new();
    private readonly CancellationTokenSource _giveUp = new();
    private readonly CancellationTokenSource _end = new();
    private readonly TextWriter _output;
    private CounterExample? _seen;

    private Check(CheckOptions options, TextWriter output)
    {
        _options = options;
        _output = output;
    }

    /// <param name="options">The parameters of the run.</param>
    /// <param name="output">Receives the progress messages.</param>
    /// <param name="stop">Ends the run early. Everything published so far is judged, and all processes that were
    /// started end.</param>
    public static async Task<CheckResult> RunAsync(
        CheckOptions options, TextWriter output, CancellationToken stop = default)
    {
        using var check = new Check(options, output);
        await using var stopping = stop.Register(check._calm.Cancel);
        return await check.RunAsync();
    }

    public void Dispose()
    {
        _calm.Dispose();
        _giveUp.Dispose();
        _end.Dispose();
    }

    private async Task<CheckResult> RunAsync()
    {
        // 1.
        await using var stage = await Stage.BuildAsync(_options, _counts, _totals, _output);
        var (frontEnds, map) = (stage.FrontEnds, stage.Map);
        var ledger = new Ledger(_counts);
        var publishers = stage.Services
            .Select((service, i) => new Publisher(map, ledger, service, _options, _counts, i, _options.Seed + i))
            .ToArray();

        // 2.
        await publishers[0].CreateOrdersAsync(_giveUp.Token);

        // 3.
        var environment = new ClientEnvironment(
            frontEnds, map, _counts, _options, OnFinding, _calm.Token, _end.Token);
        var raw = ClientPlan.For(map, _options.CountOf(ClientChoice.Raw), new Random(_options.Seed))
            .Select((plan, i) => new RawClient(plan, environment, i)).ToArray();
        await using var proxy = ClientProxy.Start(stage.Endpoints);
        var libraries = new LibraryClients(environment, new Uri($"ws://{proxy.Address}/ws"));
        IReceiver[] receivers = [.. raw, .. libraries.Handlers];
        var progress = new Progress(_output, _counts, receivers);
        Task[] running = [.. raw.Select(client => client.RunAsync()), libraries.RunAsync()];
        var publishing = publishers.Select(publisher => publisher.RunAsync(_calm.Token, _giveUp.Token)).ToArray();
        if (_options.MaxTroubles > 0)
        {
            await progress.TellWhileAsync(
                () => !Array.TrueForAll(raw, client => client.IsConnected), ConnectTimeout, _calm.Token);
        }

        var trouble = new TroubleMaker(stage, _options, _counts, progress);
        var troubling = trouble.RunAsync(_calm.Token);
        var disturbing = new ProxyTrouble(proxy, _options, _counts, progress).RunAsync(_calm.Token);
        await progress.TellUntilAsync(_options.Duration, _calm.Token);
        await progress.TellUntilKindsAsync(_options.Kinds, _options.Duration + KindsTimeout, _calm.Token);
        await progress.TellWhileAsync(
            () => _options.MaxTroubles > 0 && !troubling.IsCompleted, _options.Duration + KindsTimeout, _calm.Token);

        // 4.
        await _calm.CancelAsync();
        await disturbing;
        var wrong = await troubling;
        _giveUp.CancelAfter(SettlingTimeout);
        await Task.WhenAll(publishing);

        // 5.
        wrong = _seen ?? wrong;
        (IReadOnlyList<TruthEvent>[] truth, var epoch, wrong) =
            wrong is null ? await ReadHistoryAsync(frontEnds, map, trouble.Rewrites) : ([], null, wrong);
        var evidence = new Evidence(map, ledger.Events, truth, [.. receivers.Select(receiver => receiver.Record)])
        {
            Epoch = epoch,
            Rewrites = trouble.Rewrites,
        };
        wrong ??= HistoryCheck.Find(evidence);
        if (wrong is null)
        {
            // 6.
            await WaitAsync(receivers, new History(evidence), progress);
        }

        await _end.CancelAsync();
        await Task.WhenAll(running);

        // 7.
        wrong ??= _seen ?? Judge.Decide(evidence);
        var unknown = ledger.Events.Count(e => e is { IsBad: false, Outcome: Outcome.Unknown });
        return new CheckResult(
            wrong, _counts, unknown,
            // A handler of a library does not know its server.
            new Silences(trouble.Incidents, [.. raw.Select(client => client.Record)]),
            _totals.Sum())
        {
            Deliveries = new Deliveries(ledger.Events, [.. raw.Select(client => client.Record)]),
            TakenBack = evidence.Rewrites.Count > 0 ? HistoryCheck.CountTakenBack(evidence) : null,
        };
    }

    /// <summary>
    /// Reads the history. The servers of a cluster notice only after a moment that it was rewritten, and serve it under
    /// the ended epoch until then. So it is read again until its epoch is a new one. If the commits that were lost are
    /// known to nobody, the epoch stays. Then the history is judged as it is after the timeout.
    /// </summary>
    private async Task<(IReadOnlyList<TruthEvent>[] Truth, string? Epoch, CounterExample? Wrong)> ReadHistoryAsync(
        FrontEnds frontEnds, Map map, IReadOnlyList<Rewrite> rewrites)
    {
        var ended = rewrites.SelectMany(rewrite => rewrite.Ended).ToHashSet();
        var startedAt = Stopwatch.GetTimestamp();
        while (true)
        {
            var histories = await Task.WhenAll(
                map.Shops.Select(shop => HistoryReader.ReadAsync(frontEnds, map, shop)));
            string?[] epochs = [.. histories.Select(h => h.Epoch).Distinct()];
            var mayEnd = epochs.Any(epoch => epoch is not null && ended.Contains(epoch));
            if (mayEnd && Stopwatch.GetElapsedTime(startedAt) < _options.QuietTimeout)
            {
                await Task.Delay(HistoryPause);
                continue;
            }

            var wrong = histories.Select(h => h.Wrong).FirstOrDefault(w => w is not null)
                ?? (epochs.Length > 1
                    ? new CounterExample("the log", "all organizations", "one epoch", string.Join(", ", epochs))
                    : null);
            return (Array.ConvertAll(histories, h => h.Events), epochs[0], wrong);
        }
    }

    /// <summary>
    /// Waits until every client and every handler has received everything, or until none has received anything for the
    /// timeout.
    /// </summary>
    private async Task WaitAsync(IReceiver[] receivers, History history, Progress progress)
    {
        var timeout = new QuietTimeout(_options.QuietTimeout);
        while (_seen is null
            && receivers.Count(receiver => !receiver.HasReachedEnd(history)) is > 0 and var behind)
        {
            if (timeout.IsOver(_counts.ReceivedCount))
            {
                progress.Tell($"{behind} clients or handlers are behind, and none receives anything any more");
                return;
            }

            await Task.Delay(100);
        }
    }

    private void OnFinding(CounterExample found)
    {
        if (Interlocked.CompareExchange(ref _seen, found, null) is null)
        {
            _output.WriteLine($"seen: {found}");
            _calm.Cancel();
        }
    }
}
