using OrdersActors.Client;
using OrdersActors.Client.Feeds;

namespace OrdersActors.Tests.Client.Feeds;

public class WatchBufferTests
{
    private static readonly OrderUpdate Update = new()
    {
        Id = "e",
        OrganizationId = "acme",
        OrderId = "o-1",
        Version = 1,
        Status = "s",
        OccurredAt = default,
    };

    private readonly WatchBuffer _buffer = new(1000);

    [Fact]
    public void Buffer_is_full_at_its_bytes_and_one_event_of_any_size_fits()
    {
        Assert.True(_buffer.HasRoom(1_000_000));
        _buffer.Add(new WatchItem(Update, null, 300));
        Assert.True(_buffer.HasRoom(300));
        Assert.False(_buffer.HasRoom(301));
        Assert.True(_buffer.TryTake(out _));
        Assert.True(_buffer.HasRoom(1_000_000));
    }

    [Fact]
    public async Task Waiter_continues_when_room_or_news_come()
    {
        var news = _buffer.WaitAsync(WatchBuffer.HasNews, TestContext.Current.CancellationToken);
        Assert.False(news.IsCompleted);
        _buffer.Add(new WatchItem(Update, null, 900));
        await news;
        var room = _buffer.WaitAsync(buffer => buffer.HasRoom(900), TestContext.Current.CancellationToken);
        Assert.False(room.IsCompleted);
        _buffer.TryTake(out _);
        await room;
    }

    [Fact]
    public void Failure_comes_after_the_events_that_wait()
    {
        _buffer.Add(new WatchItem(Update, null, 10));
        _buffer.Complete(new InvalidOperationException("over"));
        _buffer.Add(new WatchItem(Update, null, 10));
        Assert.True(_buffer.TryTake(out _));
        Assert.Equal("over", Assert.Throws<InvalidOperationException>(() => _buffer.TryTake(out _)).Message);
    }
}
