namespace OrdersActors;

/// <summary>A text is not the JSON of an event. The problem is not in one field.</summary>
/// <param name="problem">The rule that the text breaks. It does not quote the text.</param>
internal sealed class EventJsonException(string problem) : Exception(problem);
