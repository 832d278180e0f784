namespace OrdersActors.Server.Commands.Files;

/// <summary>Events of one organization, in the order of the file, that are published in one call.</summary>
internal sealed record FileBatch(string OrganizationId, IReadOnlyList<PublishedLine> Lines)
{
    public OrderStatusEvent[] Events { get; } = [.. Lines.Select(line => line.Event)];
}
