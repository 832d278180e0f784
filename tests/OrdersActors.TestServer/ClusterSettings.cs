using System.Net;

namespace OrdersActors.TestServer;

/// <summary>The settings of a test's cluster.</summary>
public sealed record ClusterSettings
{
    /// <summary>The roles of the initial processes.</summary>
    public IReadOnlyList<ServerRole> Roles { get; init; } = [ServerRole.All, ServerRole.All, ServerRole.All];

    /// <summary>Development has the demo account and the board.</summary>
    public string Environment { get; init; } = "Development";

    /// <summary>Additional environment variables of every server.</summary>
    public Dictionary<string, string> Variables { get; init; } = [];

    /// <summary>Settings of PostgreSQL, as <c>name=value</c>.</summary>
    public IReadOnlyList<string> PostgresSettings { get; init; } = [];

    /// <summary>Whether each server serves <c>/metrics</c>.</summary>
    public bool ServesMetrics { get; init; }

    /// <summary>Like <see cref="ServerSettings.Executable"/>, for every server.</summary>
    public string? Executable { get; init; }

    /// <summary>The certificates of all servers and publishers, disposed by the caller; null for no TLS.</summary>
    public TlsFolder? Tls { get; init; }

    /// <summary>Like <see cref="ServerSettings.StartupAssembly"/>, for every server.</summary>
    public string? StartupAssembly { get; init; }

    /// <summary>
    /// A network in which each server has its own address, disposed by the caller; null for the loopback address.
    /// </summary>
    public ClusterNetwork? Network { get; init; }

    /// <summary>
    /// Called from any thread with every line that a server prints, and the server's index in the cluster.
    /// </summary>
    public Action<int, string>? OnOutput { get; init; }

    /// <summary>The address that server number <paramref name="index"/> listens on.</summary>
    internal IPAddress AddressOf(int index) => Network?.AddressOf(index) ?? IPAddress.Loopback;

    /// <summary>The address of PostgreSQL, as seen from the servers.</summary>
    internal IPAddress DatabaseAddress => Network?.HostAddress ?? IPAddress.Loopback;
}
