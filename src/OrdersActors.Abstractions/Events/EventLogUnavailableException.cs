namespace OrdersActors;

/// <summary>
/// The event log cannot store or return events at the moment: the disk is full, the database is unreachable, the queue
/// is full, or the server is shutting down. Callers must not assume that unacknowledged events are stored. A retry
/// under the same event ids is safe.
/// </summary>
[GenerateSerializer, Alias("OrdersActors.EventLogUnavailableException")]
public sealed class EventLogUnavailableException : Exception
{
    /// <summary>Describes the failure for a human reader.</summary>
    public EventLogUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Describes the failure for a human reader, and keeps the cause for the log.</summary>
    public EventLogUnavailableException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
