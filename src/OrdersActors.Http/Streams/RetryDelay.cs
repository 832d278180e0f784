namespace OrdersActors.Http.Streams;

/// <summary>
/// The delays after which clients reconnect. They are random, so that the clients of a server that ends do not all come
/// back at the same moment.
/// </summary>
internal static class RetryDelay
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    /// <summary>Returns the delay for one stream: 1 to 4 s.</summary>
    public static TimeSpan Next() => Shortest + (Random.Shared.NextDouble() * 3 * Shortest);

    /// <summary>Returns a delay from the given one to twice as long.</summary>
    public static TimeSpan Spread(TimeSpan delay) => delay * (1 + Random.Shared.NextDouble());
}
