namespace OrdersActors.FrontEnd.Protocol;

/// <summary>One requested subscription of a <c>subscribe</c>.</summary>
/// <param name="OrderId">
/// The order. Null for the whole organization, or if <paramref name="Refusal"/> states that the order's id is missing
/// or not valid.
/// </param>
/// <param name="Resume">The point from which to resume; null to begin with the next event.</param>
/// <param name="Refusal">The problem with the entry; null if the entry is valid.</param>
internal sealed record SubscribeEntry(string? OrderId, ResumePoint? Resume, Refusal? Refusal = null);
