using OrdersActors.FrontEnd.Subscriptions;

namespace OrdersActors.FrontEnd.Protocol;

/// <summary>One subscription that a <c>subscribe</c> asks for.</summary>
/// <param name="OrderId">
/// The order; null for the whole organization, or if <paramref name="Refusal"/> says that there is none.
/// </param>
/// <param name="Resume">From where on; null for what comes from now on.</param>
/// <param name="Refusal">What is wrong with the entry; null if it is sound.</param>
internal sealed record SubscribeEntry(string? OrderId, ResumePoint? Resume, Refusal? Refusal = null);
