using System.Globalization;
using System.Net;

namespace OrdersActors.Server.Hosting;

/// <summary>Where a server lives. Section <c>OrdersActors</c>.</summary>
internal sealed record ServerOptions
{
    /// <summary>The service id that all silos and clients share; part of the contract with publishing services.</summary>
    public const string ServiceId = "orders-actors";

    /// <summary>
    /// The folder of the database; default: OrdersActors in the user's local application data (on Linux
    /// <c>~/.local/share/OrdersActors</c>), or in the current folder where the user has no home.
    /// </summary>
    public required string DataDirectory { get; init; }

    /// <summary>The port on which silos talk to each other, 1 to 65535; default 11111.</summary>
    public required int SiloPort { get; init; }

    /// <summary>The port on which publishing services connect, 1 to 65535; default 30000.</summary>
    public required int GatewayPort { get; init; }

    /// <summary>The cluster's name, 1 to 150 characters; default <c>orders-actors</c>. Publishers must use the same.</summary>
    public required string ClusterId { get; init; }

    /// <summary>Where clients find the gateway of this machine's server.</summary>
    public IPEndPoint Gateway => new(IPAddress.Loopback, GatewayPort);

    /// <summary>Reads the settings.</summary>
    /// <exception cref="StartupException">One is not allowed; it is named.</exception>
    public static ServerOptions Read(IConfiguration configuration)
    {
        var section = configuration.GetSection("OrdersActors");
        return new ServerOptions
        {
            DataDirectory = section["DataDirectory"] is { Length: > 0 } folder ? Path.GetFullPath(folder) : DefaultDataDirectory(),
            SiloPort = Port(section, "SiloPort", 11111),
            GatewayPort = Port(section, "GatewayPort", 30000),
            ClusterId = Cluster(section["ClusterId"]),
        };
    }

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
            { } text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536 => port,
            { } text => throw new StartupException($"OrdersActors:{name} must be a port number from 1 to 65535, is '{text}'"),
        };

    private static string DefaultDataDirectory()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return Path.Combine(home.Length > 0 ? home : Environment.CurrentDirectory, "OrdersActors");
    }
}
