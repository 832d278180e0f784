namespace OrdersActors;

/// <summary>
/// Classifies permanent refusals by the server or the rules: a retry of the same events cannot succeed.
/// </summary>
internal static class EventRefusal
{
    /// <summary>
    /// Returns the index of the refused event in its batch, or null if the exception is not a refusal.
    /// </summary>
    public static int? IndexOf(Exception e) => e switch
    {
        EventConflictException conflict => conflict.Index,
        InvalidOrderEventException invalid => invalid.Index ?? 0,
        _ => null,
    };

    /// <summary>
    /// Returns the message without the index of the event in its batch. The caller counts lines, or has one event.
    /// </summary>
    public static string WithoutIndex(Exception e)
    {
        var prefix = $"event {IndexOf(e)}: ";
        return e.Message.StartsWith(prefix, StringComparison.Ordinal) ? e.Message[prefix.Length..] : e.Message;
    }
}
