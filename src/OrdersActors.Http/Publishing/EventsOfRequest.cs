namespace OrdersActors.Http.Publishing;

/// <summary>The events of a request that are stored together.</summary>
/// <param name="Inputs">The events, in order; at least one.</param>
/// <param name="IsList">Whether the request has a list, so that errors have an index and the answer is a list.</param>
/// <param name="Fields">The names of the fields in the request.</param>
internal sealed record EventsOfRequest(IReadOnlyList<EventInput> Inputs, bool IsList, EventFields Fields)
{
    /// <summary>The index of an event for an error; null if there is only one event.</summary>
    public long? IndexOf(int index) => IsList ? index : null;
}
