namespace OrdersActors.Server.Commands.Files;

/// <summary>A line of a file cannot be published. The message names the line.</summary>
internal sealed class BadLineException(long line, string problem) : Exception($"line {line}: {problem}");
