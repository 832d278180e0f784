using BenchmarkDotNet.Attributes;
using OrdersActors.FrontEnd.Feeds;

namespace OrdersActors.Benchmarks.Micro;

/// <summary>Joins the frames of events that wait for a group of listeners.</summary>
public class FrameBatchBenchmark
{
    private static readonly FeedKey Order = new(SampleEvents.Organization, "order-1001");

    private EventFrame[] _frames = [];

    /// <summary>The number of events.</summary>
    [Params(1, 16, 256)]
    public int Events { get; set; }

    /// <summary>Makes the frames.</summary>
    [GlobalSetup]
    public void MakeFrames() => _frames =
    [
        .. Enumerable.Range(1, Events)
            .Select(number => new EventFrame(Order, OrderEventJson.Encode(SampleEvents.Stored(number)))),
    ];

    /// <summary>Makes a batch and its joined frames.</summary>
    [Benchmark]
    public object Join() => new FrameBatch(_frames).Joined;
}
