namespace OrdersActors.Publishing.Hubs;

/// <summary>Retries the first connection of a client without limit, with a back-off of 0.5 to 5 s.</summary>
internal sealed class HubRetry(HubContact contact, TimeProvider time) : IClientConnectionRetryFilter
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    private readonly RetryBackoff _backoff = NewBackoff();

    public static RetryBackoff NewBackoff() => new(FirstDelay, LongestDelay);

    /// <summary>Waits for the next delay. Returns false if the start was cancelled.</summary>
    public Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        contact.Failed(exception.Message);
        return _backoff.WaitAsync(time, cancellationToken);
    }
}
