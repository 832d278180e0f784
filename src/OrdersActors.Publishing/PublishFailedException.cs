namespace OrdersActors.Publishing;

/// <summary>
/// Publishing was tried for as long as allowed and did not succeed, or the application is stopping. The events may or may
/// not be stored; publishing them again under the same ids is safe.
/// </summary>
public sealed class PublishFailedException : Exception
{
    /// <summary>Says how long it was tried, and why the last try failed.</summary>
    public PublishFailedException(string message, Exception inner)
        : this(message, inner, 0)
    {
    }

    /// <summary>Says how long it was tried, and why the last try failed.</summary>
    /// <param name="message">For a person.</param>
    /// <param name="inner">The failure of the last try.</param>
    /// <param name="stored">See <see cref="Stored"/>.</param>
    public PublishFailedException(string message, Exception inner, int stored)
        : base(message, inner) => Stored = stored;

    /// <summary>
    /// How many of the call's events, counted from the first, are known to be stored. Those after them may or may not be.
    /// </summary>
    public int Stored { get; }
}
