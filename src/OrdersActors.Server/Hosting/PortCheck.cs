using System.Net;
using System.Net.Sockets;

namespace OrdersActors.Server.Hosting;

/// <summary>
/// Looks whether the ports are free before anything is started, because from deep inside a start a taken port comes out
/// as a page of stack traces. Whoever takes one in between still fails the start.
/// </summary>
internal static class PortCheck
{
    /// <exception cref="StartupException">A port is taken or may not be used; it is named, with its setting.</exception>
    public static void Run(ServerOptions options, ServerRole role, string urls)
    {
        if (role != ServerRole.FrontEnd)
        {
            Check(options.AdvertisedAddress, options.SiloPort, "OrdersActors:SiloPort");
            Check(options.AdvertisedAddress, options.GatewayPort, "OrdersActors:GatewayPort");
            if (options.SiloPort == options.GatewayPort)
            {
                throw new StartupException($"OrdersActors:SiloPort and OrdersActors:GatewayPort must differ, both are {options.SiloPort}");
            }
        }

        foreach (var url in urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            CheckUrl(url);
        }
    }

    private static void CheckUrl(string url)
    {
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            throw new StartupException($"the URL '{url}' cannot be listened on; expected something like http://localhost:5080");
        }

        if (!address.IsUnixPipe && !address.IsNamedPipe && address.Port != 0)
        {
            Check(IPAddress.Loopback, address.Port, $"the URL {url}");
        }
    }

    private static void Check(IPAddress address, int port, string setting)
    {
        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
        }
        catch (SocketException e)
        {
            throw new StartupException(e.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => $"port {port} is taken by another program ({setting})",
                SocketError.AddressNotAvailable => $"{address} is not an address of this machine (OrdersActors:AdvertisedAddress)",
                _ => $"port {port} cannot be used: {e.Message} ({setting})",
            });
        }
    }
}
