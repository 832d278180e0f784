using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace OrdersActors.FrontEnd.Connections.Admission;

/// <summary>
/// Whom limits per address count together: an IPv4 address, or the /64 of an IPv6 address, because that is what one
/// customer of a network gets and can choose addresses from.
/// </summary>
internal readonly record struct ClientAddress(UInt128 Bits)
{
    private const int InterfaceBits = 64;

    /// <summary>The default stands for all clients without an address, as on a Unix socket.</summary>
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
