namespace OrdersActors.Server.Commands;

/// <summary>Consecutive events of one organization that are published in one call.</summary>
internal sealed record FileBatch(string OrganizationId, IReadOnlyList<PublishedLine> Lines)
{
    public OrderStatusEvent[] Events { get; } = [.. Lines.Select(line => line.Event)];
}
