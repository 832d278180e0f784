using System.Diagnostics;

namespace OrdersActors.Benchmarks.Peers.Load;

/// <summary>Measures the processes of one phase.</summary>
internal sealed class Meter : IDisposable
{
    private readonly LoadTarget _target;
    private readonly SystemCalls? _calls;
    private readonly long _startedAt;
    private readonly double _machine;
    private readonly ProcessUsage _load;
    private readonly ProcessUsage _publisher;
    private readonly ProcessUsage _server;

    /// <summary>Starts.</summary>
    public Meter(LoadTarget target)
    {
        _target = target;
        _calls = target.CountsCalls ? new SystemCalls(target.ServerId) : null;
        _startedAt = Stopwatch.GetTimestamp();
        _machine = ProcessUsage.OfMachine();
        _load = ProcessUsage.Of(Environment.ProcessId);
        _publisher = target.PublisherId is { } id ? ProcessUsage.Of(id) : default;
        _server = ProcessUsage.Of(target.ServerId);
    }

    /// <summary>What has been used since the start.</summary>
    public LoadResult Stop(string phase, string unit, long count, long events = 0, Latencies? latencies = null)
    {
        var server = ProcessUsage.Of(_target.ServerId) - _server;
        var publisher = _target.PublisherId is { } id ? ProcessUsage.Of(id) - _publisher : default;
        var load = ProcessUsage.Of(Environment.ProcessId) - _load;
        var machine = ProcessUsage.OfMachine() - _machine;
        var seconds = Stopwatch.GetElapsedTime(_startedAt).TotalSeconds;
        return new LoadResult(phase, unit)
        {
            Count = count,
            Events = events,
            Seconds = seconds,
            ServerCpu = server.Cpu,
            PublisherCpu = publisher.Cpu,
            LoadCpu = load.Cpu,
            OtherCpu = Math.Max(0, machine - server.Cpu - publisher.Cpu - load.Cpu),
            Switches = server.Switches,
            Calls = _calls?.Stop() ?? 0,
            Memory = server.ResidentBytes,
            P50 = latencies?.At(0.5) ?? 0,
            P99 = latencies?.At(0.99) ?? 0,
            P999 = latencies?.At(0.999) ?? 0,
        };
    }

    public void Dispose() => _calls?.Dispose();
}
