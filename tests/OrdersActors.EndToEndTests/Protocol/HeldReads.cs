using System.Diagnostics;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Protocol;

/// <summary>
/// Prevents a server from reading its SQLite database, like a hanging disk. Holds the locks that every reader of a
/// write-ahead log takes (https://sqlite.org/walformat.html, "WAL Locks").
/// </summary>
internal sealed class HeldReads : IDisposable
{
    private const long FirstReadLock = 123;
    private const long ReadLocks = 5;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly FileStream _file;

    private HeldReads(FileStream file) => _file = file;

    /// <summary>Takes the locks as soon as no reader holds them.</summary>
    public static async Task<HeldReads> BeginAsync(ServerProcess server)
    {
        var file = new FileStream(
            Path.Combine(server.DataDirectory, "orders.db-shm"),
            FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        for (var waited = Stopwatch.StartNew(); ;)
        {
            try
            {
#pragma warning disable CA1416 // These tests need Linux: they look at SQLite's locks.
                file.Lock(FirstReadLock, ReadLocks);
#pragma warning restore CA1416
                return new HeldReads(file);
            }
            catch (IOException) when (waited.Elapsed < Timeout)
            {
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }
        }
    }

    public void Dispose() => _file.Dispose();
}
