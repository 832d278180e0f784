using BenchmarkDotNet.Attributes;
using OrdersActors.FrontEnd.Feeds;

namespace OrdersActors.Benchmarks.Micro;

/// <summary>Encodes an event once as JSON, and once for each feed as a frame.</summary>
public class EventFrameBenchmark
{
    private static readonly FeedKey Order = new(SampleEvents.Organization, "order-1001");
    private static readonly FeedKey Organization = new(SampleEvents.Organization, null);

    private readonly OrderEvent _stored = SampleEvents.Stored(1);
    private readonly EncodedOrderEvent _encoded = OrderEventJson.Encode(SampleEvents.Stored(1));

    /// <summary>The JSON, in the organization's grain.</summary>
    [Benchmark]
    public object Json() => OrderEventJson.Encode(_stored);

    /// <summary>The frame of an order's feed.</summary>
    [Benchmark]
    public object OrderFrame() => new EventFrame(Order, _encoded);

    /// <summary>The frame of an organization's feed, which has the sequence.</summary>
    [Benchmark]
    public object OrganizationFrame() => new EventFrame(Organization, _encoded);
}
