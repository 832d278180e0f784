namespace OrdersActors.Checker.Judging;

/// <summary>One violation.</summary>
/// <param name="Who">A client, a publisher or the log.</param>
/// <param name="Scope">The order or organization that it concerns.</param>
/// <param name="Expected">The expected event or state.</param>
/// <param name="Got">The actual event or state.</param>
/// <param name="Connection">The client's connection, by number; 0 if it does not concern one.</param>
internal sealed record CounterExample(string Who, string Scope, string Expected, string Got, int Connection = 0)
{
    public override string ToString() =>
        $"{Who}, {Scope}{(Connection > 0 ? $", connection {Connection}" : "")}: expected {Expected}, got {Got}";
}
