namespace OrdersActors.Storage.EventLog;

/// <summary>The memory that an event takes, accurate enough to bound caches and messages.</summary>
internal static class EventSize
{
    /// <summary>
    /// The object with nine fields (100 bytes), the headers of its five strings (5 × 24), and its entry in a batch and
    /// a list.
    /// </summary>
    public const int Overhead = 256;

    public static long Of(OrderEvent e)
    {
        var names = e.OrganizationId.Length + e.OrderId.Length + e.Id.Length + e.Status.Length;
        return Overhead + (sizeof(char) * (long)(names + (e.Details?.Length ?? 0)));
    }
}
