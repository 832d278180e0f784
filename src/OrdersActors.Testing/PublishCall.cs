namespace OrdersActors.Testing;

/// <summary>An event that was given to <see cref="FakeOrderStatusPublisher"/>, and its answer.</summary>
/// <param name="OrganizationId">The organization that the order belongs to.</param>
/// <param name="Event">The event in its normal form: without white space between the tokens of its details.</param>
/// <param name="Result">The answer.</param>
public sealed record PublishCall(string OrganizationId, OrderStatusEvent Event, PublishedEvent Result);
