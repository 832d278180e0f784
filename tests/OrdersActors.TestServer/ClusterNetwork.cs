using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;

namespace OrdersActors.TestServer;

/// <summary>
/// A network on this machine in which every server has its own address and can be cut off from the others. It needs
/// Linux and root.
/// </summary>
/// <remarks>
/// <code>
///   this process, PostgreSQL: 10.111.n.1 ── bridge ─┬─ 10.111.n.10: namespace of server 0
///                                                   ├─ 10.111.n.11: namespace of server 1
///                                                   └─ …
/// </code>
/// A cut adds a neighbour entry on both sides with an unused hardware address. All packets to the other server are lost
/// silently, including those of open connections, like with a pulled cable. The bridge stays reachable. No firewall is
/// needed.
/// </remarks>
public sealed class ClusterNetwork : IDisposable
{
    private const int FirstHost = 10;
    private const string Nobody = "02:00:00:00:de:ad";
    private static int _count;

    // The name of a device has at most 15 characters, and other processes may have such networks, too.
    private readonly string _name = string.Create(
        CultureInfo.InvariantCulture, $"oa{Environment.ProcessId}n{Interlocked.Increment(ref _count)}");

    private readonly int _places;
    private readonly string _prefix = FreePrefix();

    private ClusterNetwork(int places) => _places = places;

    /// <summary>The address of this process and its children, as seen from the servers.</summary>
    public IPAddress HostAddress => IPAddress.Parse(_prefix + "1");

    /// <summary>Creates the network; returns null and the reason if the machine does not permit it.</summary>
    public static (ClusterNetwork? Network, string? WhyNot) TryCreate(int places)
    {
        var network = new ClusterNetwork(places);
        try
        {
            network.Build();
            return (network, null);
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            network.Dispose();
            return (null, e.Message);
        }
    }

    public IPAddress AddressOf(int place) =>
        IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"{_prefix}{FirstHost + place}"));

    public string NamespaceOf(int place) => string.Create(CultureInfo.InvariantCulture, $"{_name}s{place}");

    /// <summary>The network's name and addresses.</summary>
    public override string ToString() => $"{_name}, {HostAddress}/24";

    /// <summary>Cuts one server off from all others, in both directions.</summary>
    public void Cut(int place) => ForEachPair(place, (from, to) =>
        Ip(
            "-n", NamespaceOf(from), "neigh", "replace", $"{AddressOf(to)}", "lladdr", Nobody, "dev", "eth0",
            "nud", "permanent"));

    /// <summary>Ends a cut.</summary>
    public void Heal(int place) => ForEachPair(place, (from, to) =>
        Ip("-n", NamespaceOf(from), "neigh", "del", $"{AddressOf(to)}", "dev", "eth0"));

    /// <summary>Removes the network. All processes in it must have ended before.</summary>
    public void Dispose()
    {
        for (var place = 0; place < _places; place++)
        {
            TryRun("link", "del", NamespaceOf(place));
            TryRun("netns", "del", NamespaceOf(place));
        }

        TryRun("link", "del", _name);
    }

    private void Build()
    {
        Ip("link", "add", _name, "type", "bridge");
        Ip("address", "add", $"{HostAddress}/24", "dev", _name);
        Ip("link", "set", _name, "up");
        for (var place = 0; place < _places; place++)
        {
            var name = NamespaceOf(place);
            Ip("netns", "add", name);
            Ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name);
            Ip("link", "set", name, "master", _name, "up");
            Ip("-n", name, "address", "add", $"{AddressOf(place)}/24", "dev", "eth0");
            Ip("-n", name, "link", "set", "eth0", "up");
            Ip("-n", name, "link", "set", "lo", "up");
        }
    }

    private void ForEachPair(int place, Action<int, int> act)
    {
        foreach (var other in Enumerable.Range(0, _places).Where(other => other != place))
        {
            act(place, other);
            act(other, place);
        }
    }

    private static string FreePrefix()
    {
        var taken = NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(device => device.GetIPProperties().UnicastAddresses).Select(address => $"{address.Address}")
            .ToArray();
        return Enumerable.Range(Environment.ProcessId, 256)
            .Select(n => string.Create(CultureInfo.InvariantCulture, $"10.111.{n % 256}."))
            .First(prefix => !taken.Any(address => address.StartsWith(prefix, StringComparison.Ordinal)));
    }

    private static void Ip(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {error.Trim()}");
        }
    }

    private static void TryRun(params string[] arguments)
    {
        try
        {
            Ip(arguments);
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // The device was not created, or there is no such command.
        }
    }
}
