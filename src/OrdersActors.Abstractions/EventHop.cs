namespace OrdersActors;

/// <summary>A component that passes events on. <see cref="EventCounts"/> counts them.</summary>
internal enum EventHop
{
    /// <summary>The organization's grain: each event once.</summary>
    Organization,

    /// <summary>The order: each event of a watched order once.</summary>
    Order,

    /// <summary>A feed of a front end: each event once for each feed.</summary>
    Feed,

    /// <summary>A connection: each event once for each client.</summary>
    Connection,
}
