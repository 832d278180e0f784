using System.Diagnostics;

namespace OrdersActors.Benchmarks.Peers.Servers;

/// <summary>Starts <c>bun-peer.js</c>. Bun is installed with npm into a folder for temporary files, once.</summary>
internal static class BunPeer
{
    private const string Package = "bun@1.4.5";
    private static readonly TimeSpan InstallTimeout = TimeSpan.FromMinutes(5);

    public static async Task<ProcessStartInfo> CommandAsync(params string[] ports)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"orders-actors-{Package.Replace('@', '-')}");
        var bun = Path.Combine(folder, "node_modules", ".bin", "bun");
        if (!File.Exists(bun))
        {
            await InstallAsync(folder);
        }

        var script = Path.Combine(AppContext.BaseDirectory, "Peers", "Servers", "bun-peer.js");
        return new ProcessStartInfo(bun, [script, .. ports, PeerAccount.ApiKey, PeerAccount.ApiSecret]);
    }

    private static async Task InstallAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        using var npm = Process.Start(new ProcessStartInfo(
            "npm", ["install", "--prefix", folder, "--no-audit", "--no-fund", "--silent", Package]))!;
        using var timeout = new CancellationTokenSource(InstallTimeout);
        await npm.WaitForExitAsync(timeout.Token);
        if (npm.ExitCode != 0)
        {
            throw new InvalidOperationException($"npm could not install {Package}.");
        }
    }
}
