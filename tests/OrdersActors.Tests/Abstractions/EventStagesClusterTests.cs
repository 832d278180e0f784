using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Abstractions;

/// <summary>The front end is in another process than the silos, from Orleans' point of view.</summary>
public sealed class EventStagesClusterTests(OrderCluster cluster) : IClassFixture<OrderCluster>
{
    [Fact]
    public async Task Stages_that_begin_in_another_process_are_not_recorded()
    {
        const int MostEvents = 100;
        var feed = new FeedKey(OrderCluster.NewOrganization(), "o");
        await cluster.AppendAsync(feed.OrganizationId, "o");
        await using var client = new InProcessClient(cluster);
        await client.SubscribeAsync(feed);
        using var recorder = new StageRecorder();
        // The organization's grain may still be on its way to the silo of the agent. Until then, "pull" crosses silos.
        for (var count = 1; count <= MostEvents && recorder.Of("pull").Length == 0; count++)
        {
            await cluster.AppendAsync(feed.OrganizationId, "o", "moving");
            await Eventually.Holds(() => client.Events.Count >= count, () => $"event {count} did not arrive");
        }

        await Eventually.Holds(() => recorder.Of("send").Length > 0, () => "nothing was sent");
        Assert.Equal(["commit", "pull", "send"], recorder.Stages.Distinct().Order());
        Assert.All(recorder.Stages.Distinct(), stage => Assert.All(recorder.Of(stage), s => Assert.True(s > 0)));
    }
}
