using System.Text.Json;

namespace OrdersActors.Checker.Proxy;

/// <summary>The kinds of faults of the network between clients and servers.</summary>
internal enum ProxyFault
{
    /// <summary>Connections end in an orderly way (FIN).</summary>
    Cut,

    /// <summary>Connections end with a reset (RST).</summary>
    Reset,

    /// <summary>Each read of up to 16 KiB is passed on late, for a while. So the network is slow, too.</summary>
    Delay,

    /// <summary>
    /// Connections stay open, and the bytes of both directions are swallowed. In the end the connections are reset.
    /// </summary>
    HalfOpen,

    /// <summary>The byte stream arrives in small pieces, for a while.</summary>
    Slice,
}

/// <summary>The names of the kinds.</summary>
internal static class ProxyFaults
{
    /// <summary>The names on the command line, such as <c>half-open</c>.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. Enum.GetValues<ProxyFault>().Select(fault => fault.Name())];

    public static string Name(this ProxyFault fault) => JsonNamingPolicy.KebabCaseLower.ConvertName($"{fault}");

    public static ProxyFault Parse(string name) =>
        Enum.GetValues<ProxyFault>().Single(fault => fault.Name().Equals(name, StringComparison.OrdinalIgnoreCase));
}
