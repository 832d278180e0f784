namespace OrdersActors.Checker.Judging;

/// <summary>One thing that is not as promised.</summary>
/// <param name="Who">A client, a publisher or the log.</param>
/// <param name="Scope">The order or organization it is about.</param>
/// <param name="Expected">What should have been.</param>
/// <param name="Got">What was.</param>
/// <param name="Connection">On which of the client's connections; 0 where it is not about one.</param>
internal sealed record CounterExample(string Who, string Scope, string Expected, string Got, int Connection = 0)
{
    public override string ToString() =>
        $"{Who}, {Scope}{(Connection > 0 ? $", connection {Connection}" : "")}: expected {Expected}, got {Got}";
}
