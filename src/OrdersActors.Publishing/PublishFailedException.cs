namespace OrdersActors.Publishing;

/// <summary>
/// Publishing did not succeed within the retry time, or the application is stopping. The events may or may not be
/// stored. Publishing them again under the same ids is safe.
/// </summary>
public sealed class PublishFailedException : Exception
{
    /// <summary>Creates an exception for a call of which no event is known to be stored.</summary>
    public PublishFailedException(string message, Exception inner)
        : this(message, inner, 0)
    {
    }

    /// <summary>Creates an exception.</summary>
    /// <param name="message">For how long publishing failed, and why the last attempt failed.</param>
    /// <param name="inner">The failure of the last attempt.</param>
    /// <param name="stored">See <see cref="Stored"/>.</param>
    public PublishFailedException(string message, Exception inner, int stored)
        : base(message, inner) => Stored = stored;

    /// <summary>
    /// The number of the call's events, counted from the first, that are known to be stored. The others may or may not
    /// be stored.
    /// </summary>
    public int Stored { get; }
}
