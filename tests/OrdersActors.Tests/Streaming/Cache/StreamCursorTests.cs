using OrdersActors.Streaming.Batches;
using OrdersActors.Streaming.Cache;
using OrdersActors.Tests.Support;
using Orleans.Providers.Streams.Common;

namespace OrdersActors.Tests.Streaming.Cache;

public sealed class StreamCursorTests
{
    private static readonly StreamId Id = StreamId.Create(OrderStreams.Namespace, "shop");

    private readonly StreamQueue _stream = new(Id);
    private readonly List<StreamQueue> _disposed = [];

    [Fact]
    public void Cursor_passes_a_batch_when_it_moves_on()
    {
        Add(1, 2);
        using var cursor = Cursor(1);
        Assert.True(cursor.MoveNext());
        Assert.Equal((1L, 0L), (Current(cursor), cursor.Passed));
        Assert.True(cursor.MoveNext());
        Assert.Equal((2L, 1L), (Current(cursor), cursor.Passed));
        Assert.False(cursor.MoveNext());
        Assert.Equal((null, 2L), (Current(cursor), cursor.Passed));
    }

    [Fact]
    public void Cursor_begins_at_its_place()
    {
        Add(1, 2, 3);
        using var cursor = Cursor(2);
        cursor.MoveNext();
        Assert.Equal(2, Current(cursor));
    }

    [Fact]
    public void Cursor_at_the_end_finds_batches_that_are_added_later()
    {
        using var cursor = Cursor(0);
        Assert.False(cursor.MoveNext());
        Add(4);
        Assert.True(cursor.MoveNext());
        Assert.Equal(4, Current(cursor));
    }

    [Fact]
    public void Cursor_continues_at_the_first_batch_after_its_batch_was_purged()
    {
        Add(1, 2);
        using var cursor = Cursor(0);
        cursor.MoveNext();
        _stream.Batches.RemoveFirst();
        Assert.True(cursor.MoveNext());
        Assert.Equal(2, Current(cursor));
    }

    [Fact]
    public void Stream_holds_a_batch_until_every_cursor_has_passed_it_or_is_disposed()
    {
        Add(1);
        using var first = Cursor(0);
        var second = Cursor(0);
        first.MoveNext();
        first.MoveNext();
        Assert.False(_stream.HasPassed(1));
        second.Dispose();
        Assert.True(_stream.HasPassed(1));
        Assert.Equal([_stream], _disposed);
    }

    private StreamCursor Cursor(long from) => new(_stream, from, _disposed.Add);

    private void Add(params long[] positions)
    {
        foreach (var position in positions)
        {
            _stream.Batches.AddLast(
                new OrganizationBatch(Id, position, new OrderEventBatch([FakeLog.Event(position)])));
        }
    }

    private static long? Current(StreamCursor cursor) =>
        (cursor.GetCurrent(out _)?.SequenceToken as EventSequenceTokenV2)?.SequenceNumber;
}
