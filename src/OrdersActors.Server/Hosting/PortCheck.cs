using System.Net;
using System.Net.Sockets;
using OrdersActors.Server.Telemetry;

namespace OrdersActors.Server.Hosting;

/// <summary>
/// Binds every address that the server will listen on, before anything is started. A bind that failed deep inside the
/// start would name neither the setting nor the remedy. The check does not listen, because a client that connected
/// would take the server for ready. If another program takes a port after the check, the start still fails.
/// </summary>
internal sealed class PortCheck
{
    private readonly List<(IPAddress Address, int Port, string Setting)> _bound = [];
    private readonly Action<PortProblem> _report;

    private PortCheck(Action<PortProblem> report) => _report = report;

    /// <exception cref="StartupException">
    /// An address cannot be bound. The message names the address and its setting.
    /// </exception>
    public static void Run(
        ServerOptions options, ServerRole role, TelemetryOptions telemetry,
        IEnumerable<(string Url, string Setting)> urls) =>
        new PortCheck(problem => throw new StartupException(problem.Message)).BindAll(options, role, telemetry, urls);

    /// <summary>Returns every address that cannot be bound.</summary>
    public static IReadOnlyList<PortProblem> FindProblems(
        ServerOptions options, ServerRole role, TelemetryOptions telemetry,
        IEnumerable<(string Url, string Setting)> urls)
    {
        var problems = new List<PortProblem>();
        new PortCheck(problems.Add).BindAll(options, role, telemetry, urls);
        return problems;
    }

    private void BindAll(
        ServerOptions options, ServerRole role, TelemetryOptions telemetry,
        IEnumerable<(string Url, string Setting)> urls)
    {
        if (role != ServerRole.FrontEnd)
        {
            Bind(options.AdvertisedAddress, options.SiloPort, "OrdersActors:SiloPort");
            Bind(options.AdvertisedAddress, options.GatewayPort, "OrdersActors:GatewayPort");
        }

        if (telemetry.IsScraped)
        {
            Bind(telemetry.Prometheus.Address, telemetry.PrometheusPort, TelemetryOptions.PortSetting);
        }

        foreach (var (url, setting) in urls)
        {
            BindUrl(url, setting);
        }
    }

    private void BindUrl(string url, string setting)
    {
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            Report($"the URL '{url}' cannot be listened on; expected something like http://localhost:5080");
            return;
        }

        var isLocalhost = string.Equals(address.Host, "localhost", StringComparison.OrdinalIgnoreCase);
        if (isLocalhost && address.Port == 0)
        {
            Report(
                $"the URL '{url}' cannot be listened on: localhost needs a port number; "
                + "with 127.0.0.1 the system may choose one");
            return;
        }

        if (address.IsUnixPipe || address.IsNamedPipe || address.Port == 0)
        {
            return;
        }

        // Same rules as in Kestrel: localhost means both loopback addresses; any other name means all addresses.
        if (isLocalhost)
        {
            Bind(IPAddress.Loopback, address.Port, setting);
            if (Socket.OSSupportsIPv6)
            {
                BindIfPossible(IPAddress.IPv6Loopback, address.Port, setting);
            }
        }
        else if (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip))
        {
            Bind(ip, address.Port, setting);
        }
        else
        {
            Bind(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, address.Port, setting);
        }
    }

    /// <summary>
    /// Fails only if the address is in use. A machine may have no IPv6 loopback address although its system supports
    /// IPv6; Kestrel then listens on IPv4 only.
    /// </summary>
    private void BindIfPossible(IPAddress address, int port, string setting)
    {
        if (TryBind(address, port, setting) is SocketError.AddressAlreadyInUse)
        {
            ReportTaken(address, port, setting);
        }
    }

    private void Bind(IPAddress address, int port, string setting)
    {
        switch (TryBind(address, port, setting))
        {
            case SocketError.Success:
                return;
            case SocketError.AddressAlreadyInUse:
                ReportTaken(address, port, setting);
                return;
            case SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported:
                Report($"{address} is not an address of this machine ({AddressSetting(setting)})");
                return;
            case SocketError.AccessDenied:
                Report($"port {port} may not be used by this user ({setting})");
                return;
            case var error:
                Report($"port {port} cannot be used: {new SocketException((int)error).Message} ({setting})");
                return;
        }
    }

    private SocketError TryBind(IPAddress address, int port, string setting)
    {
        if (_bound.Find(bound => bound.Port == port && Overlap(bound.Address, address)) is (not null, _, var other))
        {
            Report($"port {port} is given twice: {other} and {setting} must differ");
            return SocketError.Success;
        }

        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(new IPEndPoint(address, port));
            _bound.Add((address, port, setting));
            return SocketError.Success;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
    }

    private static bool Overlap(IPAddress one, IPAddress other) => one.Equals(other) || IsAny(one) || IsAny(other);

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private void Report(string message) => _report(new PortProblem(message, TakenPort: null));

    private void ReportTaken(IPAddress address, int port, string setting) => _report(new PortProblem(
        $"port {port} is taken by another program on "
        + $"{(IsAny(address) ? "some address of this machine" : address)} ({setting})",
        port));

    private static string AddressSetting(string setting) =>
        setting == TelemetryOptions.PortSetting ? $"{TelemetryOptions.Section}:PrometheusAddress" :
        setting.StartsWith("OrdersActors:", StringComparison.Ordinal) ? "OrdersActors:AdvertisedAddress" : setting;
}

/// <summary>An address that cannot be bound.</summary>
/// <param name="Message">The reason, in one line. It names the address and its setting.</param>
/// <param name="TakenPort">The port that another program has taken; null for any other reason.</param>
internal sealed record PortProblem(string Message, int? TakenPort);
