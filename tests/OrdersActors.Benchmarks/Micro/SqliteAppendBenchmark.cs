using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using OrdersActors.Storage.Sqlite;

namespace OrdersActors.Benchmarks.Micro;

/// <summary>
/// Appends events to the log in SQLite as one call and so as one group commit, including the flush of the disk.
/// </summary>
public class SqliteAppendBenchmark
{
    private const int Orders = 1000;
    private string? _folder;
    private SqliteEventLog? _log;
    private int _next;

    /// <summary>The number of events in a group.</summary>
    [Params(1, 16, 256)]
    public int Events { get; set; }

    /// <summary>Opens a new log in a temporary folder.</summary>
    [GlobalSetup]
    public void Open()
    {
        _folder = Directory.CreateTempSubdirectory("orders-actors-micro-").FullName;
        _log = SqliteEventLog.Open(
            new SqliteStorageOptions { DataDirectory = _folder }, TimeProvider.System,
            NullLogger<SqliteEventLog>.Instance);
    }

    /// <summary>Appends a group. Returns the sequence of its last event.</summary>
    [Benchmark]
    public async Task<long> AppendAsync()
    {
        var events = new OrderStatusEvent[Events];
        for (var i = 0; i < events.Length; i++)
        {
            events[i] = SampleEvents.New(_next++ % Orders);
        }

        return (await _log!.AppendAsync(SampleEvents.Organization, events))[^1].Sequence;
    }

    /// <summary>Deletes the log.</summary>
    [GlobalCleanup]
    public async Task CloseAsync()
    {
        await _log!.DisposeAsync();
        Directory.Delete(_folder!, recursive: true);
    }
}
