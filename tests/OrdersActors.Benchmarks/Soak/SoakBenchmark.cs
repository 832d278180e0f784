using System.ComponentModel;
using OrdersActors.Benchmarks.Peers;
using OrdersActors.Benchmarks.Peers.Load;
using OrdersActors.Faults.Totals;

namespace OrdersActors.Benchmarks.Soak;

/// <summary>
/// The real server and its publisher for a long time, with connections that come and go. Every minute ends when all
/// connections have all events, also those that were away.
/// </summary>
internal sealed class SoakBenchmark(int minutes, int deliveries, int connections, int orders, int churn)
{
    private const int MostFaults = 10;
    private const double WarmUpSeconds = 10;

    private readonly ServerLog _log = new();
    private readonly List<string> _faults = [];
    private readonly List<SoakMinute> _minutes = [];
    private long _faultCount;

    /// <summary>Runs. Returns the exit code: 0 if the result is green.</summary>
    public async Task<int> RunAsync()
    {
        try
        {
            await using var server = await RunningPeer.StartAsync(
                PeerNames.Orders,
                [$"DOTNET_STARTUP_HOOKS={typeof(HeapReport).Assembly.Location}", $"{HeapReport.Variable}=1"],
                _log.Add);
            Load(server.Target);
        }
        catch (Exception e) when (e is InvalidOperationException or TimeoutException or Win32Exception)
        {
            Report($"the soak ended early: {e.Message}");
        }

        var reasons = Reasons().ToArray();
        Console.WriteLine(reasons.Length == 0 ? "GREEN" : $"RED: {string.Join("; ", reasons)}");
        return reasons.Length == 0 ? 0 : 1;
    }

    private void Load(LoadTarget target)
    {
        var clients = new SoakDialect[connections];
        for (var i = 0; i < clients.Length; i++)
        {
            var name = $"client {i}";
            clients[i] = new SoakDialect(target, fault => Report($"{name}: {fault}"));
        }

        Churn? coming = null;
        using var crowd = new Crowd(target, id => clients[id], (id, e) =>
        {
            Report($"client {id}: {e.Message}");
            coming?.ComeBack(id);
        });
        crowd.Open(connections, id => id % orders);
        using var traffic = new Traffic(target, crowd, orders, connections / orders);
        traffic.Start();
        coming = new Churn(crowd, connections, churn);
        var rate = Math.Max(1, deliveries / (connections / orders));
        traffic.Steady(rate, WarmUpSeconds, coming.Turn);
        Console.WriteLine(SoakMinute.Header);
        for (var minute = 1; minute <= minutes; minute++)
        {
            var (reconnects, warnings) = (coming.Reconnects, _log.Warnings);
            var result = traffic.Steady(rate, 60, coming.Turn);
            _minutes.Add(new SoakMinute(
                result.Count / result.Seconds, ProcessUsage.Of(target.ServerId).ResidentBytes, _log.LiveHeap,
                result.ServerCpu / 1e6 / result.Seconds, result.P50, result.P99, coming.Reconnects - reconnects,
                _log.Warnings - warnings));
            Console.WriteLine(_minutes[^1].ToLine(minute));
        }

        CheckVersions(clients);
    }

    /// <summary>All clients of an order must have the same newest event.</summary>
    private void CheckVersions(SoakDialect[] clients)
    {
        foreach (var order in clients.Index().GroupBy(client => client.Index % orders, client => client.Item.Version))
        {
            if (order.Distinct().Count() > 1)
            {
                Report($"{EventPayload.OrderId(order.Key)}: its clients end at {order.Min()} to {order.Max()}");
            }
        }
    }

    private void Report(string fault)
    {
        if (_faultCount++ < MostFaults)
        {
            _faults.Add(fault);
            Console.WriteLine(fault);
        }
    }

    private IEnumerable<string> Reasons()
    {
        if (_faultCount > 0)
        {
            yield return $"{_faultCount} faults, the first: {_faults[0]}";
        }

        if (_log.Warnings > 0)
        {
            yield return $"{_log.Warnings} lines at warning and above, the first: {_log.FirstWarnings[0]}";
        }

        foreach (var growth in SoakVerdict.Growths(_minutes))
        {
            yield return growth;
        }
    }
}
