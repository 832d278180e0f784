using System.Reflection;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using OrdersActors.Storage;

namespace OrdersActors.Server.Hosting;

/// <summary>Logs what has started: the version, the role, the schema of the storage and the addresses.</summary>
internal sealed partial class StartLine(IServer server, ILogger<StartLine> logger)
{
    /// <summary>The version of the server, as <c>--version</c> prints it.</summary>
    public static string Version =>
        typeof(StartLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    public void Log(ServerRole role, IEventLog? log) => LogStarted(
        Version, role, log?.Storage ?? "none",
        string.Join(", ", server.Features.Get<IServerAddressesFeature>()!.Addresses));

    [LoggerMessage(1630, LogLevel.Information,
        "Started OrdersActors {Version} with role {Role}. Storage: {Storage}. Listening on {Addresses}")]
    private partial void LogStarted(string version, ServerRole role, string storage, string addresses);
}
