using System.Collections.ObjectModel;

namespace OrdersActors.Storage.EventLog;

/// <summary>
/// Distinguishes a duplicate event from a different event under the same id. An event is a duplicate if order, status
/// and details are equal. The time may differ, because a publisher may set a new time when it retries.
/// </summary>
internal static class EventContent
{
    /// <summary>Checks an event whose id is already stored.</summary>
    /// <param name="given">The event that was published.</param>
    /// <param name="index">Its 0-based index in the batch.</param>
    /// <param name="stored">The stored event with this id.</param>
    /// <exception cref="EventConflictException">The events differ.</exception>
    public static void CheckSame(OrderStatusEvent given, int index, OrderEvent stored)
    {
        if (FirstDifference(given, stored) is { } field)
        {
            throw new EventConflictException(given.Id, index, given.OrderId, stored.OrderId, field);
        }
    }

    /// <summary>
    /// Finds the events of one batch that repeat an earlier one: for each its index, and the index of the first event
    /// with its id.
    /// </summary>
    /// <exception cref="EventConflictException">
    /// Two events have the same id but different content; the exception names the later one.
    /// </exception>
    public static IReadOnlyDictionary<int, int> FindRepeats(IReadOnlyList<OrderStatusEvent> events)
    {
        if (events.Count == 1)
        {
            return ReadOnlyDictionary<int, int>.Empty;
        }

        Dictionary<int, int>? repeats = null;
        var indexes = new Dictionary<string, int>(events.Count);
        for (var i = 0; i < events.Count; i++)
        {
            var given = events[i];
            if (indexes.TryAdd(given.Id, i))
            {
                continue;
            }

            var first = events[indexes[given.Id]];
            if (FirstDifference(given, first.OrderId, first.Status, first.Details) is { } field)
            {
                throw new EventConflictException(given.Id, i, given.OrderId, first.OrderId, field);
            }

            (repeats ??= [])[i] = indexes[given.Id];
        }

        return repeats ?? (IReadOnlyDictionary<int, int>)ReadOnlyDictionary<int, int>.Empty;
    }

    private static string? FirstDifference(OrderStatusEvent given, OrderEvent stored) =>
        FirstDifference(given, stored.OrderId, stored.Status, stored.Details);

    private static string? FirstDifference(OrderStatusEvent given, string orderId, string status, string? details) =>
        given.OrderId != orderId ? "order_id"
        : given.Status != status ? "status"
        : !OrderEventRules.IsSameDetails(given.Details, details) ? "details"
        : null;
}
