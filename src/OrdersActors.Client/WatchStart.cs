namespace OrdersActors.Client;

/// <summary>The start of a watch. The default is <see cref="Now"/>.</summary>
public readonly record struct WatchStart
{
    private const int MostLast = 100;

    /// <summary>Begins with the next event.</summary>
    public static WatchStart Now => default;

    /// <summary>Begins with the newest event, which is the current status, and continues with the next ones.</summary>
    public static WatchStart Current => Last(1);

    /// <summary>Begins with the first event that is kept.</summary>
    public static WatchStart Beginning => After(new EventPosition(0));

    /// <summary>The position after which the watch begins; null if it begins with the newest events.</summary>
    internal EventPosition? Position { get; private init; }

    /// <summary>The number of the newest events with which the watch begins.</summary>
    internal int Newest { get; private init; }

    /// <summary>Begins with the newest events.</summary>
    /// <param name="count">How many, 0 to 100.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is not 0 to 100.</exception>
    public static WatchStart Last(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MostLast);
        return new WatchStart { Newest = count };
    }

    /// <summary>Begins after a position: with the events that were missed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public static WatchStart After(EventPosition position)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position.Number, nameof(position));
        return new WatchStart { Position = position };
    }

    /// <summary>The same as <see cref="After"/>.</summary>
    public static implicit operator WatchStart(EventPosition position) => After(position);

    /// <summary>Begins after a number of the current history; 0 is the first event that is kept.</summary>
    public static implicit operator WatchStart(long after) => After(new EventPosition(after));

    /// <summary>The same as the conversion from <see cref="EventPosition"/>.</summary>
    public static WatchStart ToWatchStart(EventPosition position) => After(position);

    /// <summary>The same as the conversion from a number.</summary>
    public static WatchStart ToWatchStart(long after) => After(new EventPosition(after));
}
