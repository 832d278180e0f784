namespace OrdersActors.Publishing;

/// <summary>The server cannot take the events at the moment.</summary>
/// <param name="message">The reason for a human reader.</param>
/// <param name="retryAfter">The least time until the next attempt.</param>
internal sealed class ServerBusyException(string message, TimeSpan retryAfter) : Exception(message)
{
    public TimeSpan RetryAfter => retryAfter;
}
