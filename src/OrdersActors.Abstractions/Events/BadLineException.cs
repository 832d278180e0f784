namespace OrdersActors;

/// <summary>A line of events cannot be published. The message names the line.</summary>
/// <param name="line">The 1-based number of the line.</param>
/// <param name="problem">The rule that it breaks.</param>
internal sealed class BadLineException(long line, string problem) : Exception($"line {line}: {problem}")
{
    public long Line => line;

    public string Problem => problem;
}
