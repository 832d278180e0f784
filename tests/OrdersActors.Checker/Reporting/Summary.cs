using OrdersActors.Checker.Proxy;
using OrdersActors.Checker.Trouble;

namespace OrdersActors.Checker.Reporting;

/// <summary>The report of a run, for people and for grep.</summary>
internal static class Summary
{
    private static readonly TimeSpan LongSilence = TimeSpan.FromSeconds(5);

    public static void Write(CheckResult result, TextWriter output)
    {
        var counts = result.Counts;
        var closed = counts.ClosedByStatus.OrderBy(c => c.Key).Select(c => $"{c.Key} {c.Value} times")
            .DefaultIfEmpty("nothing");
        var troubles = counts.TroubleCounts.OrderBy(t => t.Key).Select(t => $"{t.Key.Name()} {t.Value} times")
            .DefaultIfEmpty("none");
        output.WriteLine(
            $"published   {counts.AcknowledgedCount} acknowledged, {counts.RefusedCount} refused, "
            + $"{result.Unknown} unknown");
        output.WriteLine(
            $"            {counts.RetriedCount} retries by the library, which gave up {counts.GivenUpCount} times; "
            + $"longest time until acknowledged {counts.LongestCall.TotalSeconds:0.0} s");
        output.WriteLine($"received    {counts.ReceivedCount} events");
        output.WriteLine($"trouble     {string.Join(", ", troubles)}");
        output.WriteLine(
            $"            {counts.EndedCount} server processes ended, "
            + $"{counts.EndedByThemselvesCount} of them without a kill or stop; "
            + $"{counts.CutCount} cuts by clients, {counts.StallCount} stalls");
        if (counts.ProxyFaultCounts.Count > 0)
        {
            var faults = counts.ProxyFaultCounts.OrderBy(fault => fault.Key).Select(fault =>
                $"{fault.Key.Name()} {fault.Value.Times} times ({fault.Value.Connections} connections)");
            output.WriteLine($"proxy       {string.Join(", ", faults)}");
        }

        foreach (var line in result.Silences.Lines)
        {
            output.WriteLine($"silence     {line}");
        }

        foreach (var line in result.Silences.LongerThan(LongSilence))
        {
            output.WriteLine($"            {line}");
        }

        output.WriteLine($"clients     {counts.ReconnectCount} reconnects, {counts.ResumeCount} of them resumed; "
            + $"longest time without a connection {counts.LongestOutage.TotalSeconds:0.0} s");
        output.WriteLine($"            {counts.FailedHandshakes.Values.Sum()} handshakes failed");
        foreach (var (reason, count) in counts.FailedHandshakes)
        {
            output.WriteLine($"            {count} times: {reason}");
        }

        output.WriteLine(
            $"delivery    {result.Deliveries.Count} deliveries, from the publishing call to the client: "
            + $"median {result.Deliveries.Percentile(0.5).TotalMilliseconds:0} ms, "
            + $"p99 {result.Deliveries.Percentile(0.99).TotalMilliseconds:0} ms, "
            + $"longest {result.Deliveries.Percentile(1).TotalMilliseconds:0} ms");
        foreach (var library in counts.Libraries)
        {
            output.WriteLine($"library     {library}");
        }

        if (result.TakenBack is not null)
        {
            output.WriteLine($"history     {result.TakenBack} acknowledged events were lost with rewritten history; "
                + $"{counts.BeginAgainCount} subscriptions started again");
        }

        output.WriteLine($"closed with {string.Join(", ", closed)}");
        foreach (var (name, count) in result.Server)
        {
            output.WriteLine($"server      {name} {count}");
        }

        output.WriteLine(result);
    }
}
