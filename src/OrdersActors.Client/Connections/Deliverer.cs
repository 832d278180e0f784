using OrdersActors.Client.Feeds;

namespace OrdersActors.Client.Connections;

/// <summary>Hands the events of one session to the feeds. Called by the session's reader only.</summary>
internal sealed class Deliverer(FeedTable feeds, TimeProvider time)
{
    /// <summary>
    /// How long a full watch may stop all others. A reader that is slow but steady slows its replay down this way; one
    /// that has stopped loses its place on the connection.
    /// </summary>
    private static readonly TimeSpan LongestStall = TimeSpan.FromSeconds(1);

    /// <summary>Delivers an event. Returns false if events before it are missing.</summary>
    public async Task<bool> DeliverAsync(OrderUpdate update, int size, CancellationToken cancellationToken)
    {
        var isComplete = true;
        if (feeds.FindFeed(update.OrderId) is { } order)
        {
            isComplete &= await OfferAsync(order, update, size, cancellationToken)
                && await DeliverHeldAsync(order, cancellationToken);
        }

        if (update.Sequence is not null && feeds.FindFeed(null) is { } organization)
        {
            isComplete &= await OfferAsync(organization, update, size, cancellationToken);
        }

        return isComplete;
    }

    /// <summary>Delivers the held events of a feed that are next.</summary>
    public async Task<bool> DeliverHeldAsync(Feed feed, CancellationToken cancellationToken)
    {
        while (feeds.TakeHeld(feed) is var (update, size))
        {
            if (!await OfferAsync(feed, update, size, cancellationToken))
            {
                return false;
            }
        }

        return true;
    }

    private async Task<bool> OfferAsync(Feed feed, OrderUpdate update, int size, CancellationToken cancellationToken)
    {
        var offer = feeds.Offer(feed, update, size, mayDetach: false, out var stalled);
        if (offer == FeedOffer.Stalled)
        {
            using var limit = new CancellationTokenSource(LongestStall, time);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            while (offer == FeedOffer.Stalled && !ended.IsCancellationRequested)
            {
                await stalled!.Buffer.WaitAsync(buffer => buffer.HasRoom(size), ended.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                offer = feeds.Offer(feed, update, size, mayDetach: false, out stalled);
            }

            cancellationToken.ThrowIfCancellationRequested();
            if (offer == FeedOffer.Stalled)
            {
                offer = feeds.Offer(feed, update, size, mayDetach: true, out _);
            }
        }

        return offer != FeedOffer.Missing;
    }
}
