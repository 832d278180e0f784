using OrdersActors.Streaming.Batches;
using OrdersActors.Streaming.Cache;

namespace OrdersActors.Tests.Streaming.Cache;

public sealed class PartitionCacheTests
{
    private static readonly StreamId A = StreamId.Create(OrderStreams.Namespace, "a");
    private static readonly StreamId B = StreamId.Create(OrderStreams.Namespace, "b");
    private readonly PartitionCache _cache = new(10, 100_000);

    [Fact]
    public void Cursor_sees_only_its_own_stream_in_order_including_later_batches()
    {
        Add((A, 1), (B, 2), (A, 3));
        using var cursor = Cursor(A);
        Assert.Equal([1, 3], Read(cursor));
        Add((B, 4), (A, 5));
        Assert.Equal([5], Read(cursor));
        Assert.False(cursor.MoveNext());
    }

    [Fact]
    public void Batch_stays_until_its_delivery_is_finished()
    {
        Add((A, 1), (A, 2));
        using var cursor = Cursor(A);
        Assert.Empty(Purge());
        cursor.MoveNext();
        Assert.Empty(Purge());
        cursor.MoveNext();
        Assert.Equal([1], Purge());
        cursor.MoveNext();
        Assert.Equal([2], Purge());
    }

    [Fact]
    public void Batches_leave_in_arrival_order_so_a_checkpoint_never_skips_one()
    {
        Add((A, 1), (B, 2), (A, 3));
        using var slow = Cursor(A);
        using var fast = Cursor(B);
        Read(fast);
        Assert.Empty(Purge());
        Read(slow);
        Assert.Equal([1, 2, 3], Purge());
    }

    [Fact]
    public void Batch_leaves_only_after_every_cursor_of_its_stream_has_passed()
    {
        Add((A, 1));
        using var first = Cursor(A);
        var second = Cursor(A);
        Read(first);
        Assert.Empty(Purge());
        second.Dispose();
        Assert.Equal([1], Purge());
    }

    [Fact]
    public void Disposed_cursor_holds_nothing_back()
    {
        Add((A, 1));
        Cursor(A).Dispose();
        Assert.Equal([1], Purge());
    }

    [Fact]
    public void Cursor_begins_at_its_token()
    {
        Add((A, 1), (A, 2), (A, 3));
        using var cursor = (StreamCursor)_cache.GetCacheCursor(A, Batch(A, 2).SequenceToken);
        Assert.Equal([2, 3], Read(cursor));
    }

    [Fact]
    public void Cursor_continues_after_its_passed_batches_were_purged()
    {
        Add((A, 1));
        using var cursor = Cursor(A);
        Read(cursor);
        Purge();
        Add((A, 2));
        Assert.Equal([2], Read(cursor));
    }

    [Fact]
    public void Pressure_is_counted_in_events()
    {
        Assert.Equal(10, _cache.GetMaxAddCount());
        for (var i = 1; i <= 10; i++)
        {
            Assert.False(_cache.IsUnderPressure());
            Add((A, i));
        }

        Assert.True(_cache.IsUnderPressure());
        using var cursor = Cursor(A);
        Read(cursor);
        Purge();
        Assert.Equal(10, _cache.GetMaxAddCount());
    }

    [Fact]
    public void Pressure_is_counted_in_bytes()
    {
        Add((A, 1));
        Assert.False(_cache.IsUnderPressure());
        // Two bytes per character.
        _cache.AddToCache([Batch(A, 2, new string('x', 50_000))]);
        Assert.True(_cache.IsUnderPressure());
        Assert.Equal(8, _cache.GetMaxAddCount());
        using var cursor = Cursor(A);
        Read(cursor);
        Purge();
        Assert.False(_cache.IsUnderPressure());
    }

    private static OrganizationBatch Batch(StreamId stream, long position, string? details = null) =>
        new(stream, position, new OrderEventBatch(
    [
        new OrderEvent
        {
            OrganizationId = stream.GetKeyAsString(), OrderId = "o", Version = position, Sequence = position,
            Id = $"{position}",
            Status = "s", OccurredAt = DateTimeOffset.UnixEpoch, Details = details,
        },
    ]));

    private StreamCursor Cursor(StreamId stream) => (StreamCursor)_cache.GetCacheCursor(stream, null);

    private static List<long> Read(StreamCursor cursor)
    {
        var positions = new List<long>();
        while (cursor.MoveNext())
        {
            positions.Add(((OrganizationBatch)cursor.GetCurrent(out _)!).Position);
        }

        return positions;
    }

    private void Add(params (StreamId Stream, long Position)[] batches) =>
        _cache.AddToCache([.. batches.Select(b => Batch(b.Stream, b.Position))]);

    private List<long> Purge() =>
        _cache.TryPurgeFromCache(out var purged) ? [.. purged.Cast<OrganizationBatch>().Select(b => b.Position)] : [];
}
