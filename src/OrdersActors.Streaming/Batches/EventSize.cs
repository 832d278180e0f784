namespace OrdersActors.Streaming.Batches;

/// <summary>The memory that an event takes, accurate enough to bound caches and messages.</summary>
internal static class EventSize
{
    /// <summary>
    /// The object with nine fields (100 bytes), the headers of its five strings (5 × 24), and its entry in a batch and
    /// a list.
    /// </summary>
    public const int Overhead = 256;

    /// <summary>
    /// Most bytes in one batch of the stream. A batch is one message if the consumer is on another silo. A character
    /// takes two bytes in memory and one to three bytes in a message, so the message is at most one and a half times as
    /// large.
    /// </summary>
    public const int MaxBatch = 1024 * 1024;

    public static long Of(OrderEvent e)
    {
        var names = e.OrganizationId.Length + e.OrderId.Length + e.Id.Length + e.Status.Length;
        return Overhead + (sizeof(char) * (long)(names + (e.Details?.Length ?? 0)));
    }
}
