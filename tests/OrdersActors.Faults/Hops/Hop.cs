namespace OrdersActors.Faults.Hops;

/// <summary>The hops on the path of an event that can fail independently.</summary>
internal enum Hop
{
    /// <summary>The pulling agent delivers a batch of the stream to the organization's grain.</summary>
    AgentToOrganization,

    /// <summary>The organization's grain forwards events to an order's grain.</summary>
    OrganizationToOrder,

    /// <summary>A grain notifies a front end.</summary>
    GrainToFrontEnd,

    /// <summary>A front end's feed delivers to the subscription of one connection.</summary>
    FrontEndToConnection,
}

/// <summary>The fault of one delivery.</summary>
internal enum Fault
{
    None,

    /// <summary>
    /// The delivery is lost, but the sender believes that it arrived, so it cannot be detected at once.
    /// </summary>
    Drop,

    /// <summary>The delivery is repeated.</summary>
    Duplicate,

    /// <summary>
    /// The delivery arrives after the next one to the same receiver, but the sender believes that it has already
    /// arrived.
    /// </summary>
    Reorder,
}
