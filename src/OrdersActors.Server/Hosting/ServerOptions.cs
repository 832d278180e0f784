using System.Globalization;
using System.Net;
using OrdersActors.Publishing;

namespace OrdersActors.Server.Hosting;

/// <summary>The data directory, ports, addresses and cluster of a server. Section <c>OrdersActors</c>.</summary>
internal sealed record ServerOptions
{
    /// <summary>The service id of all silos and clients. It is part of the contract with publishing services.</summary>
    public const string ServiceId = OrderPublishingHosting.ServiceId;

    /// <summary>
    /// The folder of the database; default: OrdersActors in the user's local application data (on Linux
    /// <c>~/.local/share/OrdersActors</c>), or in the current folder if the user has no home.
    /// </summary>
    public required string DataDirectory { get; init; }

    /// <summary>Whether the settings name the data directory. If false, it is the default.</summary>
    public required bool IsDataDirectoryNamed { get; init; }

    /// <summary>The port for connections between silos, 1 to 65535; default 11111.</summary>
    public required int SiloPort { get; init; }

    /// <summary>The port for publishing services and front ends, 1 to 65535; default 30000.</summary>
    public required int GatewayPort { get; init; }

    /// <summary>
    /// The cluster's name, 1 to 150 characters; default <c>orders-actors</c>. Publishers must use the same name.
    /// </summary>
    public required string ClusterId { get; init; }

    /// <summary>
    /// The address at which other servers and publishing services reach this server; default 127.0.0.1, which is
    /// reachable from this machine only. Silo and gateway port listen on this address only. It must be in a private
    /// network.
    /// </summary>
    public required IPAddress AdvertisedAddress { get; init; }

    /// <summary>
    /// The gateways that a front end or a publishing command connects to, each HOST:PORT, separated by commas; default
    /// empty. If empty, the gateways are read from the database, or, without a connection string, this machine's
    /// gateway is used.
    /// </summary>
    public required IReadOnlyList<GatewayAddress> Gateways { get; init; }

    /// <summary>
    /// The connection string of the PostgreSQL that holds events, keys and the cluster's membership
    /// (ConnectionStrings:OrdersActors). Null means SQLite and a single server. It is a secret and is never logged.
    /// </summary>
    public required string? ConnectionString { get; init; }

    /// <summary>
    /// The files of mutual TLS on the silo and gateway ports; null for no TLS. A front end or a publishing command also
    /// uses it, to connect.
    /// </summary>
    public required OrderTlsOptions? Tls { get; init; }

    /// <summary>The address of this machine's gateway.</summary>
    public IPEndPoint Gateway => new(AdvertisedAddress, GatewayPort);

    /// <summary>Reads the settings.</summary>
    /// <exception cref="StartupException">A setting is invalid. The message names it.</exception>
    public static ServerOptions Read(IConfiguration configuration)
    {
        var section = configuration.GetSection("OrdersActors");
        return new ServerOptions
        {
            DataDirectory = section["DataDirectory"] is { Length: > 0 } folder
                ? Path.GetFullPath(folder)
                : DefaultDataDirectory(),
            IsDataDirectoryNamed = section["DataDirectory"] is { Length: > 0 },
            SiloPort = Port(section, "SiloPort", 11111),
            GatewayPort = Port(section, "GatewayPort", 30000),
            ClusterId = Cluster(section["ClusterId"]),
            AdvertisedAddress = Address(section["AdvertisedAddress"]),
            Gateways = ReadGateways(section["Gateways"]),
            ConnectionString = configuration.GetConnectionString("OrdersActors") is { Length: > 0 } connection
                ? connection
                : null,
            Tls = ServerTls.Read(configuration),
        };
    }

    private static IReadOnlyList<GatewayAddress> ReadGateways(string? gateways)
    {
        try
        {
            return GatewayAddress.ParseList(gateways);
        }
        catch (FormatException e)
        {
            throw new StartupException($"OrdersActors:Gateways: {e.Message}");
        }
    }

    private static IPAddress Address(string? address) => address switch
    {
        null or "" => IPAddress.Loopback,
        _ when IPAddress.TryParse(address, out var parsed)
            && !parsed.Equals(IPAddress.Any) && !parsed.Equals(IPAddress.IPv6Any) => parsed,
        _ => throw new StartupException(
            $"OrdersActors:AdvertisedAddress must be an IP address that others can reach, is '{address}'"),
    };

    private static string Cluster(string? name) => name switch
    {
        null or "" => "orders-actors",
        { Length: <= 150 } => name,
        _ => throw new StartupException($"OrdersActors:ClusterId must have 1 to 150 characters, has {name.Length}"),
    };

    private static int Port(IConfigurationSection section, string name, int otherwise) =>
        section[name] switch
        {
            null or "" => otherwise,
            { } text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
                && port is > 0 and < 65536 => port,
            { } text => throw new StartupException(
                $"OrdersActors:{name} must be a port number from 1 to 65535, is '{text}'"),
        };

    private static string DefaultDataDirectory()
    {
        var home = Environment.GetFolderPath(
            Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return Path.Combine(home.Length > 0 ? home : Environment.CurrentDirectory, "OrdersActors");
    }
}
