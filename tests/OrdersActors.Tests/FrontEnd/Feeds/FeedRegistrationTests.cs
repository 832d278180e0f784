using Orleans.Core.Internal;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Feeds;

/// <summary>A feed is never left with a registration that its grain does not have any more.</summary>
public sealed class FeedRegistrationTests(TestLogCluster cluster) : IClassFixture<TestLogCluster>
{
    private readonly string _shop = OrderCluster.NewOrganization();

    private FeedKey Feed => new(_shop, $"{_shop}/1");

    [Fact]
    public async Task Registration_closed_while_a_renewal_is_in_progress_is_renewed_again_at_once()
    {
        await cluster.PublishAsync(_shop, Feed.OrderId!, 1);
        await using var client = new InProcessClient(cluster);
        await client.SubscribeAsync(Feed);
        var feed = client.Hub.Current.Find(Feed)!;

        var release = HoldReads(out var begun);
        var renewing = feed.RenewAsync();
        await Eventually.Holds(begun, () => "the renewal did not reach the grain");
        feed.Registration.RenewSoon(TimeSpan.Zero);
        release();
        await renewing;

        Assert.InRange(feed.Registration.RenewAt, 0, TimeProvider.System.GetTimestamp());
        await feed.RenewAsync();
        Assert.True(feed.Registration.RenewAt > TimeProvider.System.GetTimestamp());
    }

    [Fact]
    public async Task Subscribe_that_waits_while_its_grain_leaves_is_not_confirmed_by_that_grain()
    {
        await cluster.PublishAsync(_shop, Feed.OrderId!, 1);
        await using var client = new InProcessClient(cluster);
        await client.SubscribeAsync(Feed);

        var release = HoldReads(out var begun);
        var renewing = client.Hub.Current.Find(Feed)!.RenewAsync();
        await Eventually.Holds(begun, () => "the renewal did not reach the grain");
        await cluster.Grains.GetGrain<IOrderGrain>(Feed.GrainKey).Cast<IGrainManagementExtension>()
            .DeactivateOnIdle(TestContext.Current.CancellationToken);
        release();
        await renewing;

        // Renewed as the maintenance does, if it is due.
        await Task.Delay(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken);
        if (client.Hub.Current.Find(Feed)!.Registration.RenewAt <= TimeProvider.System.GetTimestamp())
        {
            await client.RenewAsync();
        }

        await cluster.PublishAsync(_shop, Feed.OrderId!, 3);
        await Eventually.Equal(Numbers(2, 4), () => client.Events.Select(e => e.Version));
    }

    /// <summary>Holds all reads of the log until the returned action is called.</summary>
    private Action HoldReads(out Func<bool> begun)
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var before = cluster.TestLog.Reads;
        cluster.TestLog.BeforeRead = _ => release.Task;
        begun = () => cluster.TestLog.Reads > before;
        return () =>
        {
            cluster.TestLog.BeforeRead = null;
            release.SetResult();
        };
    }
}
