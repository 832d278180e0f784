namespace OrdersActors.Publishing.Hubs;

/// <summary>Waits for a connection with a timeout. The wait also ends when the application stops.</summary>
internal static class ConnectionWait
{
    /// <exception cref="HubUnavailableException">There was no connection within that time.</exception>
    public static async ValueTask<T> ForAsync<T>(
        Task<T> connected, TimeSpan timeout, Func<string> reason, TimeProvider time,
        CancellationToken stopping, CancellationToken cancellationToken)
    {
        if (connected.IsCompletedSuccessfully)
        {
            return await connected;
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellationToken);
        try
        {
            return await connected.WaitAsync(timeout > TimeSpan.Zero ? timeout : TimeSpan.Zero, time, ended.Token);
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
