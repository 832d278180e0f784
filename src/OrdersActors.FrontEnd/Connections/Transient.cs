namespace OrdersActors.FrontEnd.Connections;

/// <summary>Tells failures that may be over soon from faults.</summary>
internal static class Transient
{
    /// <summary>Whether a silo or the log could not be reached, so that the same call may succeed later.</summary>
    public static bool Is(Exception e) => e is OrleansException or TimeoutException or EventLogUnavailableException;
}
