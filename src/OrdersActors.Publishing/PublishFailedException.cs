namespace OrdersActors.Publishing;

/// <summary>
/// Publishing was tried for as long as allowed and did not succeed. The events may or may not be stored; publishing them
/// again under the same ids is safe.
/// </summary>
public sealed class PublishFailedException : Exception
{
    /// <summary>Says how long it was tried, and what the last try met.</summary>
    public PublishFailedException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
