namespace OrdersActors;

/// <summary>The relation of an event's number to a <see cref="FeedPosition"/>.</summary>
public enum NumberCheck
{
    /// <summary>The event was passed on before. It must be dropped.</summary>
    Duplicate,

    /// <summary>The event is the next one.</summary>
    Next,

    /// <summary>Events between the position and this event are missing.</summary>
    Gap,
}
