using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using OrdersActors.Storage.Sqlite;

namespace OrdersActors.Benchmarks;

/// <summary>
/// Appends to the event log in one SQLite file, without a server. Each caller appends one event at a time, so the
/// number of callers is about the number of events in a transaction. For each number it measures twice: first the time
/// and the CPU, then, while a reader keeps the write-ahead log from beginning again, the pages in it.
/// </summary>
internal sealed class LogBenchmark(int events, int orders, int organizations, bool ascendingIds)
{
    // The bytes of a page and of its header in the log (https://sqlite.org/fileformat2.html#walformat).
    private const int FrameBytes = 4096 + 24;

    private int _next;

    public async Task RunAsync(IReadOnlyList<int> callers)
    {
        var folder = Directory.CreateTempSubdirectory("orders-actors-log-").FullName;
        try
        {
            await using (var log = Open(folder))
            {
                await AppendAsync(log, 64, Math.Max(events, 2 * orders));
            }

            Console.WriteLine($"{"callers",8} {"events/s",10} {"CPU µs",8} {"p99 ms",8} {"writes",8} {"pages",8}");
            foreach (var count in callers)
            {
                await using var log = Open(folder);
                await AppendAsync(log, count, Math.Min(events, 5000));
                var (watch, cpu, writes) = (Stopwatch.StartNew(), Cpu(), Writes());
                var times = await AppendAsync(log, count, events);
                var took = watch.Elapsed;
                var (usedCpu, usedWrites) = (Cpu() - cpu, Writes() - writes);
                var pages = await CountPagesAsync(folder, log, count);
                times.Sort();
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{count,8} {events / took.TotalSeconds,10:N0} {usedCpu.TotalMicroseconds / events,8:N1} " +
                    $"{times[times.Count * 99 / 100].TotalMilliseconds,8:N2} {(double)usedWrites / events,8:N2} " +
                    $"{pages,8:N2}"));
            }

            var file = new FileInfo(Path.Combine(folder, "orders.db"));
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"{_next:N0} events in {file.Length / 1e6:N1} MB"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static SqliteEventLog Open(string folder) => SqliteEventLog.Open(
        new SqliteStorageOptions { DataDirectory = folder }, TimeProvider.System, NullLogger<SqliteEventLog>.Instance);

    /// <summary>The pages per event in the write-ahead log.</summary>
    private async Task<double> CountPagesAsync(string folder, SqliteEventLog log, int callers)
    {
        var path = Path.Combine(folder, "orders.db");
        using var reader = new SqliteConnection($"Data Source={path};Pooling=False");
        reader.Open();
        using var snapshot = reader.BeginTransaction(deferred: true);
        using var read = reader.CreateCommand();
        read.Transaction = snapshot;
        read.CommandText = "SELECT count(*) FROM settings";
        // The log may still begin again before the first of these appends, but not after the second read.
        read.ExecuteScalar();
        await AppendAsync(log, callers, Math.Min(events, 5000));
        var before = new FileInfo(path + "-wal").Length;
        await AppendAsync(log, callers, events);
        return (new FileInfo(path + "-wal").Length - before) / (double)FrameBytes / events;
    }

    private async Task<List<TimeSpan>> AppendAsync(SqliteEventLog log, int callers, int count)
    {
        var left = count;
        var times = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            var own = new List<TimeSpan>();
            while (Interlocked.Decrement(ref left) >= 0)
            {
                var order = Random.Shared.Next(orders);
                var e = new OrderStatusEvent
                {
                    OrderId = $"order-{order}",
                    Id = ascendingIds ? OrderStatusEvent.NewId() : $"{Guid.NewGuid():N}",
                    Status = "shipped",
                    Details = """{"carrier":"DHL","tracking":"00340434161094042557"}""",
                };
                var watch = Stopwatch.GetTimestamp();
                await log.AppendAsync($"organization-{order % organizations}", [e]);
                own.Add(Stopwatch.GetElapsedTime(watch));
                Interlocked.Increment(ref _next);
            }

            return own;
        })));
        return [.. times.SelectMany(own => own)];
    }

    private static TimeSpan Cpu()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }

    /// <summary>The number of write system calls of this process; 0 on a system without /proc.</summary>
    private static long Writes() => !File.Exists("/proc/self/io") ? 0 : long.Parse(
        File.ReadLines("/proc/self/io").First(line => line.StartsWith("syscw", StringComparison.Ordinal)).Split(' ')[1],
        CultureInfo.InvariantCulture);
}
