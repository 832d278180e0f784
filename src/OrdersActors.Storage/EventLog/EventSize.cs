namespace OrdersActors.Storage.EventLog;

/// <summary>The memory that an event takes, accurate enough to bound caches and messages.</summary>
internal static class EventSize
{
    /// <summary>
    /// The object with nine fields (100 bytes), the headers of its five strings (5 × 24), and its entry in a batch and
    /// a list.
    /// </summary>
    public const int Overhead = 256;

    /// <summary>The size of a stored event.</summary>
    public static long Of(OrderEvent e) => Of(e.OrganizationId, e.OrderId, e.Id, e.Status, e.Details);

    /// <summary>
    /// The size of an event that was published. Any part of it may be missing, because it may not be validated yet.
    /// </summary>
    public static long Of(OrderStatusEvent? e) => Of(null, e?.OrderId, e?.Id, e?.Status, e?.Details);

    private static long Of(string? organizationId, string? orderId, string? id, string? status, string? details) =>
        Overhead + (sizeof(char)
            * (LengthOf(organizationId) + LengthOf(orderId) + LengthOf(id) + LengthOf(status) + LengthOf(details)));

    private static long LengthOf(string? text) => text?.Length ?? 0;
}
