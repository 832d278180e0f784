using System.Diagnostics;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Abstractions;

/// <summary>The front end is in another process than the silos, from Orleans' point of view.</summary>
public sealed class EventTraceClusterTests(OrderCluster cluster) : IClassFixture<OrderCluster>
{
    private const int MostEvents = 100;

    [Fact]
    public async Task Trace_of_one_event_has_every_hop_from_the_publisher_to_the_frame()
    {
        var feed = new FeedKey(OrderCluster.NewOrganization(), "o");
        await cluster.AppendAsync(feed.OrganizationId, "o");
        await using var client = new InProcessClient(cluster);
        await client.SubscribeAsync(feed);
        using var recorder = new TraceRecorder(samplesRoots: false);
        // The organization's grain may still be on its way to the silo of the agent. Until then, a hop crosses silos.
        var (caller, spans) = (default(ActivitySpanId), Array.Empty<Activity>());
        for (var count = 1; count <= MostEvents && !spans.Any(span => span.OperationName == "frame"); count++)
        {
            using var shop = new Activity("shop") { ActivityTraceFlags = ActivityTraceFlags.Recorded }.Start();
            await cluster.Publisher.PublishAsync(
                feed.OrganizationId, new OrderStatusEvent { OrderId = "o", Status = "paid" },
                TestContext.Current.CancellationToken);
            await Eventually.Holds(() => client.Events.Count >= count, () => $"event {count} did not arrive");
            (caller, spans) = (shop.SpanId, recorder.Of(shop.TraceId));
        }

        Assert.Superset(
            new HashSet<string> { "publish", "append", "commit", "pull", "frame" },
            spans.Select(span => span.OperationName).ToHashSet());
        Assert.Equal(caller, Of("publish").ParentSpanId);
        Assert.Equal(Of("publish").SpanId, Of("append").ParentSpanId);
        // The event's home may be the other silo.
        var store = spans.FirstOrDefault(span => span.OperationName == "append at home") ?? Of("append");
        Assert.Equal(store.SpanId, Of("commit").ParentSpanId);
        Assert.Equal(store.SpanId, Of("pull").ParentSpanId);
        Assert.Equal(store.SpanId, Of("frame").ParentSpanId);

        Activity Of(string name) => Assert.Single(spans, span => span.OperationName == name);
    }

    [Fact]
    public async Task Event_without_a_sampled_caller_has_no_spans()
    {
        using var recorder = new TraceRecorder(samplesRoots: false);
        using var caller = new Activity("shop").Start();
        await cluster.Publisher.PublishAsync(
            OrderCluster.NewOrganization(), new OrderStatusEvent { OrderId = "o", Status = "paid" },
            TestContext.Current.CancellationToken);
        Assert.Empty(recorder.Of(caller.TraceId));
    }
}
