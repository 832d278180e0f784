using System.Net;

namespace OrdersActors.TestServer;

/// <summary>How a test wants its cluster.</summary>
public sealed record ClusterSettings
{
    /// <summary>The processes to begin with, by their roles.</summary>
    public IReadOnlyList<ServerRole> Roles { get; init; } = [ServerRole.All, ServerRole.All, ServerRole.All];

    /// <summary>Development has the demo account and the board.</summary>
    public string Environment { get; init; } = "Development";

    /// <summary>Further environment variables of every server.</summary>
    public Dictionary<string, string> Variables { get; init; } = [];

    /// <summary>As <see cref="ServerSettings.StartupAssembly"/>, for every server.</summary>
    public string? StartupAssembly { get; init; }

    /// <summary>A network in which each server has a place of its own, the caller's to dispose; null for the loopback address.</summary>
    public ClusterNetwork? Network { get; init; }

    /// <summary>Told every line that a server prints, and which server it is, by its place in the cluster, from any thread.</summary>
    public Action<int, string>? OnOutput { get; init; }

    /// <summary>Where server number <paramref name="index"/> listens.</summary>
    internal IPAddress AddressOf(int index) => Network?.AddressOf(index) ?? IPAddress.Loopback;

    /// <summary>Where PostgreSQL listens, for the servers.</summary>
    internal IPAddress DatabaseAddress => Network?.HostAddress ?? IPAddress.Loopback;
}
