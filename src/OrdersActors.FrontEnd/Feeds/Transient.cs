namespace OrdersActors.FrontEnd.Feeds;

/// <summary>Distinguishes temporary failures from faults.</summary>
internal static class Transient
{
    /// <summary>Whether a silo or the log could not be reached, so that a retry may succeed.</summary>
    public static bool Is(Exception e) => e is OrleansException or TimeoutException or EventLogUnavailableException;
}
