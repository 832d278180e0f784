namespace OrdersActors.Server.Commands.Files;

/// <summary>One event of a file.</summary>
/// <param name="Number">The 1-based number of its line.</param>
/// <param name="Length">The length of the line in bytes.</param>
/// <param name="OrganizationId">The organization that the event belongs to.</param>
/// <param name="Event">The event, in its normal form.</param>
/// <param name="HasId">
/// Whether the line has an id. If false, the id was generated for this call, so a repeated call stores the event twice.
/// </param>
internal sealed record PublishedLine(long Number, int Length, string OrganizationId, OrderStatusEvent Event, bool HasId)
{
    /// <summary>Parses and validates a line.</summary>
    /// <exception cref="BadLineException">The line breaks a rule. The message names the line and the field.</exception>
    public static PublishedLine Parse(long number, ReadOnlyMemory<byte> line)
    {
        try
        {
            var input = OrderStatusEventJson.Parse(line.Span);
            var organization = input.OrganizationId ?? "";
            return new PublishedLine(
                number, line.Length, organization, OrderEventRules.Normalize(organization, input.Event), input.HasId);
        }
        catch (Exception e) when (e is InvalidOrderEventException or EventJsonException)
        {
            throw new BadLineException(number, e.Message);
        }
    }
}
