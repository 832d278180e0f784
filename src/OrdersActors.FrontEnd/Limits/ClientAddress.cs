using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace OrdersActors.FrontEnd.Limits;

/// <summary>
/// The unit of limits per address: an IPv4 address, or the /64 of an IPv6 address. A customer of a network gets a whole
/// /64 and can choose any address in it.
/// </summary>
internal readonly record struct ClientAddress(UInt128 Bits)
{
    private const int InterfaceBits = 64;

    /// <summary>
    /// Returns the unit of an address. All clients without an address, as on a Unix socket, have the default one.
    /// </summary>
    public static ClientAddress Of(IPAddress? address)
    {
        if (address is null)
        {
            return default;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.MapToIPv6().TryWriteBytes(bytes, out _);
        var bits = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        return new ClientAddress(
            address.AddressFamily == AddressFamily.InterNetworkV6 && !address.IsIPv4MappedToIPv6
                ? bits >> InterfaceBits << InterfaceBits
                : bits);
    }
}
