namespace OrdersActors;

/// <summary>
/// A component's place in the numbers of a feed: it has passed on, or needs no longer, every event up to
/// <see cref="Last"/>. The numbers of a feed are 1, 2, 3 … without gaps, so the next number shows whether an event is a
/// duplicate, the next one, or follows a gap.
/// </summary>
/// <remarks>
/// Every component on the path of an event uses this rule. It is an immutable value, so a component that several
/// threads use must protect the field that holds it. Numbers of different epochs are not comparable.
/// </remarks>
/// <param name="Last">The last number that was passed on, or 0 before the first one.</param>
public readonly record struct FeedPosition(long Last)
{
    /// <summary>The number of the next event.</summary>
    public long Next => Last + 1;

    /// <summary>Compares the number of an event with this position.</summary>
    public NumberCheck Check(long number) =>
        number <= Last ? NumberCheck.Duplicate
        : number == Last + 1 ? NumberCheck.Next
        : NumberCheck.Gap;

    /// <summary>Whether an event was passed on before, so that it is a duplicate.</summary>
    public bool Includes(long number) => number <= Last;

    /// <summary>
    /// The position after an event was passed on. Events before it that are missing count as passed on. A duplicate
    /// does not change the position.
    /// </summary>
    public FeedPosition Advance(long number) => number > Last ? new FeedPosition(number) : this;
}
