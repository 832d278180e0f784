using System.Diagnostics;

namespace OrdersActors.Publishing;

/// <summary>An event that waits for a call that it shares with others (<see cref="CombinedCalls"/>).</summary>
/// <param name="Event">The event, valid and normalized.</param>
/// <param name="Cancellation">The token of the event's caller.</param>
internal sealed record WaitingEvent(OrderStatusEvent Event, CancellationToken Cancellation)
{
    /// <summary>The span of the publish call; null if nobody samples it.</summary>
    public Activity? Span { get; } = EventTraces.Current;

    /// <summary>Gets the answer to the event.</summary>
    public TaskCompletionSource<PublishedEvent> Stored { get; } =
        new(TaskCreationOptions.RunContinuationsAsynchronously);
}
