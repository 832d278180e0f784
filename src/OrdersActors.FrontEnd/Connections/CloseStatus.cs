namespace OrdersActors.FrontEnd.Connections;

/// <summary>Statuses of close frames (RFC 6455, section 7.4, and the IANA registry).</summary>
internal static class CloseStatus
{
    public const ushort Normal = 1000;

    /// <summary>Not sent: stands for a close frame without a status.</summary>
    public const ushort None = 1005;

    /// <summary>Whether a client may send it. 1004 to 1006 and 1015 are reserved, 1016 to 2999 not assigned.</summary>
    public static bool MayBeSent(ushort status) => status is >= 1000 and <= 1003 or >= 1007 and <= 1014 or >= 3000 and <= 4999;
}
