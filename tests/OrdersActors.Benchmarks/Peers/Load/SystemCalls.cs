using System.Diagnostics;
using System.Globalization;
using OrdersActors.TestServer;

namespace OrdersActors.Benchmarks.Peers.Load;

/// <summary>Counts the system calls of a process with <c>perf</c>, which makes them a little slower.</summary>
internal sealed class SystemCalls : IDisposable
{
    private static readonly TimeSpan AttachTime = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    private readonly Process _perf;

    /// <summary>Starts to count, and waits until perf has attached to all threads.</summary>
    public SystemCalls(int processId)
    {
        _perf = Process.Start(new ProcessStartInfo(
            "perf", ["stat", "-x", ",", "-e", "raw_syscalls:sys_enter", "-p", $"{processId}"])
        {
            RedirectStandardError = true,
        })!;
        Thread.Sleep(AttachTime);
    }

    /// <summary>Stops. Returns the number of calls.</summary>
    /// <exception cref="InvalidOperationException">perf may not count on this machine.</exception>
    public long Stop()
    {
        ServerProcess.SignalAsync(_perf.Id, "INT").GetAwaiter().GetResult();
        var output = _perf.StandardError.ReadToEndAsync();
        if (!output.Wait(StopTimeout)
            || !long.TryParse(output.Result.Split(',')[0], CultureInfo.InvariantCulture, out var count))
        {
            throw new InvalidOperationException(
                $"perf could not count system calls: {(output.IsCompleted ? output.Result : "no answer")}");
        }

        return count;
    }

    public void Dispose()
    {
        if (!_perf.HasExited)
        {
            _perf.Kill();
        }

        _perf.Dispose();
    }
}
