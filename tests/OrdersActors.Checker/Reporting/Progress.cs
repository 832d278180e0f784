using System.Diagnostics;
using OrdersActors.Checker.Clients;

namespace OrdersActors.Checker.Reporting;

/// <summary>Reports the progress of a run every ten seconds.</summary>
internal sealed class Progress(TextWriter output, RunCounts counts, IReadOnlyList<IReceiver> clients)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    private readonly long _startedAt = Stopwatch.GetTimestamp();

    /// <summary>Reports until the time since the beginning of the run has passed.</summary>
    public Task TellUntilAsync(TimeSpan duration, CancellationToken early) =>
        TellWhileAsync(() => true, duration, early);

    /// <summary>Reports until faults of so many kinds have happened, at most for the given time.</summary>
    public Task TellUntilKindsAsync(int kinds, TimeSpan most, CancellationToken early) =>
        TellWhileAsync(() => counts.TroubleCounts.Count < kinds, most, early);

    /// <summary>Reports while a condition holds, at most until this time since the beginning of the run.</summary>
    public async Task TellWhileAsync(Func<bool> condition, TimeSpan most, CancellationToken early)
    {
        var toldAt = Stopwatch.GetTimestamp();
        // A timer cannot wait less than a millisecond.
        while (condition() && most - Stopwatch.GetElapsedTime(_startedAt) is var left && left.TotalMilliseconds > 1
            && !early.IsCancellationRequested)
        {
            await Task.Delay(left < Poll ? left : Poll, early).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (Stopwatch.GetElapsedTime(toldAt) >= Every)
            {
                toldAt = Stopwatch.GetTimestamp();
                TellCounts();
            }
        }
    }

    private void TellCounts() =>
        Tell($"acknowledged {counts.AcknowledgedCount}, received {counts.ReceivedCount}, "
            + $"connected {clients.Count(client => client.IsConnected)} of {clients.Count}, "
            + $"troubles {counts.TroubleCounts.Values.Sum()}, "
            + $"proxy faults {counts.ProxyFaultCounts.Values.Sum(count => count.Times)}, "
            + $"servers ended {counts.EndedCount}, reconnects {counts.ReconnectCount}");

    public void Tell(string what) =>
        output.WriteLine($"{Stopwatch.GetElapsedTime(_startedAt).TotalSeconds,5:0} s  {what}");
}
