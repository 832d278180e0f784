namespace OrdersActors.Publishing;

/// <summary>Waits for a connection with a timeout. The wait also ends when the application stops.</summary>
internal static class Waiting
{
    /// <exception cref="HubUnavailableException">There was no connection within that time.</exception>
    public static async ValueTask<T> ForAsync<T>(
        Task<T> connected, TimeSpan atMost, Func<string> reason, TimeProvider time,
        CancellationToken stopping, CancellationToken cancellationToken)
    {
        if (connected.IsCompletedSuccessfully)
        {
            return await connected;
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellationToken);
        try
        {
            return await connected.WaitAsync(atMost > TimeSpan.Zero ? atMost : TimeSpan.Zero, time, ended.Token);
        }
        catch (TimeoutException)
        {
            throw new HubUnavailableException(reason());
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HubUnavailableException($"the application is stopping; {reason()}");
        }
    }
}
