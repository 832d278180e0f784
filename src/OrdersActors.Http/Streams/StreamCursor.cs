using OrdersActors.Http.Reading;

namespace OrdersActors.Http.Streams;

/// <summary>The id of a server-sent event: <c>epoch:number</c>. A browser sends it back when it reconnects.</summary>
/// <param name="Epoch">The epoch; null if a silo of a previous version sent the event.</param>
/// <param name="Number">The number in the feed.</param>
internal readonly record struct StreamCursor(string? Epoch, long Number)
{
    /// <summary>Reads an id.</summary>
    /// <param name="name">The header or parameter that has it.</param>
    /// <param name="text">The id.</param>
    /// <exception cref="Problems.ProblemException">It is not an id of a stream.</exception>
    public static StreamCursor Parse(string name, string text)
    {
        var colon = text.LastIndexOf(':');
        return QueryReader.TryParse(text.AsSpan(colon + 1), out var number)
            ? new StreamCursor(colon > 0 ? text[..colon] : null, number)
            : throw ReadProblems.Invalid(name, "must be the id of an event of this stream: <epoch>:<number>");
    }
}
