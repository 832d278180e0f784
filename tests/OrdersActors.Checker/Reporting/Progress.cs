using System.Diagnostics;
using OrdersActors.Checker.Clients;

namespace OrdersActors.Checker.Reporting;

/// <summary>Reports the progress of a run every ten seconds.</summary>
internal sealed class Progress(TextWriter output, RunCounts counts, IReadOnlyList<IReceiver> clients)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    private readonly long _startedAt = Stopwatch.GetTimestamp();

    public async Task TellUntilAsync(TimeSpan duration, CancellationToken early)
    {
        // A timer cannot wait less than a millisecond.
        while (duration - Stopwatch.GetElapsedTime(_startedAt) is var left && left.TotalMilliseconds > 1
            && !early.IsCancellationRequested)
        {
            await Task.Delay(left < Every ? left : Every, early).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Tell($"acknowledged {counts.AcknowledgedCount}, received {counts.ReceivedCount}, "
                + $"connected {clients.Count(client => client.IsConnected)} of {clients.Count}, "
                + $"troubles {counts.TroubleCounts.Values.Sum()}, "
                + $"proxy faults {counts.ProxyFaultCounts.Values.Sum(count => count.Times)}, "
                + $"servers ended {counts.EndedCount}, reconnects {counts.ReconnectCount}");
        }
    }

    public void Tell(string what) =>
        output.WriteLine($"{Stopwatch.GetElapsedTime(_startedAt).TotalSeconds,5:0} s  {what}");
}
