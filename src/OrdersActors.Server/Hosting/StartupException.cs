namespace OrdersActors.Server.Hosting;

/// <summary>The server or a command cannot do its work for a reason that one line tells.</summary>
internal sealed class StartupException(string message) : Exception(message);
