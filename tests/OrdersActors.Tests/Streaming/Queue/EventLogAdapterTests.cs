using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Cluster.Appends;
using OrdersActors.Cluster.Partitions;
using OrdersActors.Streaming;
using OrdersActors.Streaming.Queue;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Streaming.Queue;

public sealed class EventLogAdapterTests
{
    private readonly List<(string Organization, int Count)> _homeAppends = [];
    private readonly PartitionMap _map;
    private readonly FakeCluster _cluster = new(2);
    private readonly EventLogAdapter _adapter;

    public EventLogAdapterTests()
    {
        var time = new FakeTimeProvider();
        var log = FakeLog.Create();
        _map = new PartitionMap(_cluster, log);
        var grains = FakeGrains.Create((_, key, _, arguments) =>
        {
            var events = (OrderStatusEvent[])arguments[0]!;
            _homeAppends.Add(((string)key, events.Length));
            return Task.FromResult(Array.ConvertAll(events, e => new PublishedEvent(e.Id, 1, 1, IsRepeat: false)));
        });
        var route = new AppendRoute(log, _map, _cluster, grains, time, NullLogger<AppendRoute>.Instance);
        _adapter = new EventLogAdapter(
            "orders", log, route, new OrderStreamOptions(), time, NullLoggerFactory.Instance);
    }

    [Fact]
    public async Task Items_of_a_publisher_inside_a_silo_go_to_the_home_silo_in_batches()
    {
        var elsewhere = Enumerable.Range(0, FakeLog.PartitionCount).Select(i => $"{i}")
            .First(name => !_map.HomeOf(name)!.Equals(_cluster.SiloAddress));
        var items = Enumerable.Range(0, 1500).Select(_ => new OrderStatusEvent { OrderId = "o-1", Status = "s" });
        await _adapter.QueueMessageBatchAsync(StreamId.Create(OrderStreams.Namespace, elsewhere), items, null, null);
        Assert.Equal([(elsewhere, 1000), (elsewhere, 500)], _homeAppends);
    }

    [Fact]
    public async Task Other_namespace_is_refused() =>
        await Assert.ThrowsAsync<ArgumentException>(() => _adapter.QueueMessageBatchAsync(
            StreamId.Create("elsewhere", "1"), [new OrderStatusEvent { OrderId = "o-1", Status = "s" }], null, null));
}
