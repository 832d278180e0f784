namespace OrdersActors.Streaming;

/// <summary>How much memory an event takes, near enough to bound caches and messages.</summary>
internal static class EventSize
{
    /// <summary>
    /// The object with nine fields (100 bytes), the headers of its five strings (5 × 24), and its entry in a batch and
    /// a list.
    /// </summary>
    public const int Overhead = 256;

    /// <summary>
    /// Most bytes in one batch of the stream, which is one message if the consumer is on another silo. In memory a
    /// character takes two bytes and in a message one to three, so the message has at most one and a half times as
    /// many.
    /// </summary>
    public const int MaxBatch = 1024 * 1024;

    public static long Of(OrderEvent e)
    {
        var names = e.OrganizationId.Length + e.OrderId.Length + e.Id.Length + e.Status.Length;
        return Overhead + (sizeof(char) * (long)(names + (e.Details?.Length ?? 0)));
    }
}
