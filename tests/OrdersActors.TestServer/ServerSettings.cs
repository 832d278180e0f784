using System.Net;

namespace OrdersActors.TestServer;

/// <summary>The settings of a test's server.</summary>
public sealed record ServerSettings
{
    /// <summary>Development has the demo account and the board.</summary>
    public string Environment { get; init; } = "Development";

    /// <summary>The server's role in the cluster.</summary>
    public ServerRole Role { get; init; } = ServerRole.All;

    /// <summary>The address that it listens on.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The network namespace to run it in, which has the address; null for the caller's namespace.</summary>
    public string? NetworkNamespace { get; init; }

    /// <summary>A data directory of the caller, instead of the server's temporary one.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>
    /// Additional environment variables, such as OrdersActors__FrontEnd__PingInterval. Empty ones are removed.
    /// </summary>
    public Dictionary<string, string> Variables { get; init; } = [];

    /// <summary>
    /// The path of another build of OrdersActors.Server.dll, which <see cref="ServerProcess.Executable"/> can change;
    /// null for the one beside the caller.
    /// </summary>
    public string? Executable { get; init; }

    /// <summary>An additional port that serves HTTP/2 without TLS.</summary>
    public int? Http2Port { get; init; }

    /// <summary>Whether <c>/metrics</c> is served, on a port of its own.</summary>
    public bool ServesMetrics { get; init; }

    /// <summary>The command line arguments.</summary>
    public string[] Arguments { get; init; } = [];

    /// <summary>
    /// The name of an assembly with a hosting startup and a startup hook, located next to the server's assemblies. The
    /// server loads it without knowing it. Other builds of the server do not load it.
    /// </summary>
    public string? StartupAssembly { get; init; }

    /// <summary>Called with every line that the server prints, from any thread.</summary>
    public Action<string>? OnOutput { get; init; }
}
