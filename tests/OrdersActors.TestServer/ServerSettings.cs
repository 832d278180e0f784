using System.Net;

namespace OrdersActors.TestServer;

/// <summary>How a test wants its server.</summary>
public sealed record ServerSettings
{
    /// <summary>Development has the demo account and the board.</summary>
    public string Environment { get; init; } = "Development";

    /// <summary>Which part of a cluster it is.</summary>
    public ServerRole Role { get; init; } = ServerRole.All;

    /// <summary>Where it listens.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The network namespace to run it in, one that has the address; null for the caller's own.</summary>
    public string? NetworkNamespace { get; init; }

    /// <summary>A folder of the caller's, instead of one of the server's own.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Further environment variables, such as OrdersActors__FrontEnd__PingInterval. An empty one is left out.</summary>
    public Dictionary<string, string> Variables { get; init; } = [];

    /// <summary>A further port that speaks HTTP/2 without TLS.</summary>
    public int? Http2Port { get; init; }

    /// <summary>What stands on the command line.</summary>
    public string[] Arguments { get; init; } = [];

    /// <summary>
    /// The name of an assembly with a hosting startup and a startup hook, beside the server's, that the server knows nothing
    /// of and is to load.
    /// </summary>
    public string? StartupAssembly { get; init; }

    /// <summary>Told every line that the server prints, from any thread.</summary>
    public Action<string>? OnOutput { get; init; }
}
