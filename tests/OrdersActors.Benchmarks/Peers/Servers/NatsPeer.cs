using System.Diagnostics;

namespace OrdersActors.Benchmarks.Peers.Servers;

/// <summary>Starts nats-server with a WebSocket listener for the subscribers.</summary>
internal static class NatsPeer
{
    /// <summary>Debian installs it here, which is not in the path of every user.</summary>
    private const string Program = "/usr/sbin/nats-server";

    /// <summary>The command line. The file of its settings is in <paramref name="folder"/>.</summary>
    public static async Task<ProcessStartInfo> CommandAsync(string folder, int port, int triggerPort)
    {
        if (!File.Exists(Program))
        {
            throw new InvalidOperationException($"{Program} does not exist: apt-get install nats-server.");
        }

        // The publisher reads nothing, so it must not be pinged.
        var settings = Path.Combine(folder, "nats.conf");
        await File.WriteAllTextAsync(settings, $$"""
            listen: "127.0.0.1:{{triggerPort}}"
            ping_interval: "60m"
            websocket { listen: "127.0.0.1:{{port}}", no_tls: true }
            """);
        return new ProcessStartInfo(Program, ["-c", settings, "-l", Path.Combine(folder, "nats.log")]);
    }
}
