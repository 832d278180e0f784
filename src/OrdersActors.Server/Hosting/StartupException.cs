namespace OrdersActors.Server.Hosting;

/// <summary>The server or a command fails for a reason that its one-line message explains.</summary>
internal sealed class StartupException(string message) : Exception(message);
