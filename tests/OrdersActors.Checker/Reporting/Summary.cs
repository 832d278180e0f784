namespace OrdersActors.Checker.Reporting;

/// <summary>The account of a run, for people and for grep.</summary>
internal static class Summary
{
    public static void Write(CheckResult result, TextWriter output)
    {
        var counts = result.Counts;
        var closed = string.Join(", ", counts.ClosedByStatus.OrderBy(c => c.Key).Select(c => $"{c.Key} {c.Value} times"));
        output.WriteLine($"published   {counts.AcknowledgedCount} acknowledged, {counts.RefusedCount} refused, {result.Unknown} unknown, {counts.RetriedCount} retries by the library, which gave up {counts.GivenUpCount} times; longest call {counts.LongestCall.TotalSeconds:0.0} s");
        output.WriteLine($"received    {counts.ReceivedCount} events");
        output.WriteLine($"trouble     {counts.KillCount} kills, {counts.StopCount} stops, {counts.RestartCount} restarts, {counts.CutCount} cuts, {counts.StallCount} stalls");
        output.WriteLine($"clients     {counts.ReconnectCount} reconnects, {counts.ResumeCount} of them resumed; longest without a connection {counts.LongestOutage.TotalSeconds:0.0} s");
        output.WriteLine($"closed with {(closed.Length > 0 ? closed : "nothing")}");
        foreach (var (name, count) in result.Server)
        {
            output.WriteLine($"server      {name} {count}");
        }

        output.WriteLine(result);
    }
}
