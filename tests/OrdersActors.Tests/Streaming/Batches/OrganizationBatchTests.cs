using OrdersActors.Streaming.Batches;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Streaming.Batches;

public sealed class OrganizationBatchTests
{
    private static readonly OrganizationBatch Batch = new(
        StreamId.Create(OrderStreams.Namespace, "shop"), 7,
        new OrderEventBatch([FakeLog.Event(1), FakeLog.Event(2, details: new string('x', 1000))]));

    [Fact]
    public void Consumer_gets_the_events_as_one_batch()
    {
        var (item, token) = Assert.Single(Batch.GetEvents<OrderEventBatch>());
        Assert.Same(Batch.Batch, item);
        Assert.Equal((7, token), (token.SequenceNumber, Batch.SequenceToken));
    }

    [Fact]
    public void Consumer_of_single_events_gets_each_event() =>
        Assert.Equal([1L, 2L], Batch.GetEvents<OrderEvent>().Select(e => e.Item1.Sequence));

    [Fact]
    public void Bytes_count_two_for_each_character() => Assert.InRange(Batch.Bytes, 2000, 3000);

    [Fact]
    public void Request_context_is_not_imported() => Assert.False(Batch.ImportRequestContext());
}
