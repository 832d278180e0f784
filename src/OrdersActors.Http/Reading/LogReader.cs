using OrdersActors.FrontEnd.Feeds;
using OrdersActors.FrontEnd.Limits;

namespace OrdersActors.Http.Reading;

/// <summary>Reads the log for requests through the replay grain, because a front end has no database.</summary>
internal sealed class LogReader(IGrainFactory grains, FrontEndLimiters limiters)
{
    /// <summary>Returns which events of a feed can be read.</summary>
    /// <exception cref="Problems.ProblemException">There is no such order, or the log cannot be read.</exception>
    public async Task<FeedBounds> GetBoundsAsync(FeedKey feed, CancellationToken cancellationToken) =>
        await RunAsync(grain => grain.GetBounds(feed), cancellationToken) ?? throw ReadProblems.NoSuchOrder();

    /// <summary>
    /// Returns the next events after a number: at most the limit, and fewer if they are large; at least one unless the
    /// feed ends there.
    /// </summary>
    /// <exception cref="Problems.ProblemException">The log cannot be read.</exception>
    public Task<EncodedOrderEvent[]> ReadAsync(
        FeedKey feed, long after, int limit, CancellationToken cancellationToken) =>
        RunAsync(grain => grain.Read(feed, after, limit), cancellationToken);

    private async Task<T> RunAsync<T>(Func<IReplayGrain, Task<T>> call, CancellationToken cancellationToken)
    {
        using var permit = await limiters.Requests.AcquireAsync(cancellationToken);
        try
        {
            return await call(grains.Find<IReplayGrain>(0));
        }
        catch (Exception e) when (Transient.Is(e))
        {
            throw ReadProblems.Unavailable();
        }
    }
}
