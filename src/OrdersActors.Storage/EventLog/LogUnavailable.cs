namespace OrdersActors.Storage.EventLog;

/// <summary>Makes the exceptions that tell a caller of the log to retry, in the same words for every storage.</summary>
internal static class LogUnavailable
{
    public static EventLogUnavailableException Because(string reason) => new($"the event log is unavailable: {reason}");

    public static EventLogUnavailableException Stopping() => Because("the server is stopping");

    /// <summary>The time as messages state it, such as <c>4 s</c>.</summary>
    public static string Seconds(TimeSpan time) => $"{time.TotalSeconds:0.#} s";
}
