namespace OrdersActors.TestServer;

/// <summary>The result of a command.</summary>
public sealed record CommandResult(int ExitCode, string Output, string Error);
