namespace OrdersActors.Faults.Hops;

/// <summary>The places on an event's way where it can go wrong, each on its own.</summary>
internal enum Hop
{
    /// <summary>The pulling agent hands a batch of the stream to the organization's grain.</summary>
    AgentToOrganization,

    /// <summary>The organization's grain passes events on to an order's grain.</summary>
    OrganizationToOrder,

    /// <summary>A grain tells a front end.</summary>
    GrainToFrontEnd,

    /// <summary>A front end's feed tells one connection's subscription.</summary>
    FrontEndToConnection,
}

/// <summary>What happens to one delivery.</summary>
internal enum Fault
{
    None,

    /// <summary>The sender believes that it was delivered, which is the loss that nobody can notice at once.</summary>
    Drop,

    /// <summary>Delivered twice.</summary>
    Duplicate,

    /// <summary>The sender believes that it was delivered; it comes after the next one to the same receiver.</summary>
    Reorder,
}
