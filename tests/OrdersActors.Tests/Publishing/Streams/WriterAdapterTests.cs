using OrdersActors.Publishing.Streams;
using OrdersActors.Tests.Support;
using Orleans.Streams;

namespace OrdersActors.Tests.Publishing.Streams;

public sealed class WriterAdapterTests
{
    private readonly List<(long Writer, string Organization, int Count)> _calls = [];
    private readonly WriterAdapter _adapter;
    private Func<Task> _answer = () => Task.CompletedTask;

    public WriterAdapterTests() => _adapter = new WriterAdapter("orders", FakeGrains.Create((_, key, _, arguments) =>
    {
        _calls.Add(((long)key, (string)arguments[0]!, ((OrderStatusEvent[])arguments[1]!).Length));
        return _answer();
    }), TimeProvider.System);

    [Fact]
    public async Task Items_are_appended_in_batches()
    {
        await PublishAsync(1500);
        Assert.Equal([(0L, "shop", 1000), (0L, "shop", 500)], _calls);
    }

    [Fact]
    public async Task Batch_of_the_library_gets_the_answer_of_the_writer()
    {
        var answer = new[] { new PublishedEvent("e-1", 1, 1, IsRepeat: false) };
        _answer = () => Task.FromResult(answer);
        var batch = new PublishedBatch([new OrderStatusEvent { OrderId = "o-1", Status = "s", Id = "e-1" }]);
        Assert.Throws<InvalidOperationException>(() => batch.Stored);
        await _adapter.QueueMessageBatchAsync(StreamId.Create(OrderStreams.Namespace, "shop"), batch, null, null);
        Assert.Same(answer, batch.Stored);
        Assert.Equal([(0L, "shop", 1)], _calls);
    }

    [Fact]
    public async Task Writer_that_does_not_answer_is_replaced_by_the_next_one_which_is_kept()
    {
        _answer = () => Task.FromException(new TimeoutException());
        await Assert.ThrowsAsync<TimeoutException>(() => PublishAsync(1));
        _answer = () => Task.CompletedTask;
        await PublishAsync(1);
        await PublishAsync(1);
        Assert.Equal([0L, 1L, 1L], _calls.Select(call => call.Writer));
    }

    [Fact]
    public async Task Calls_that_fail_at_the_same_time_replace_their_writer_once()
    {
        var answer = new TaskCompletionSource();
        _answer = () => answer.Task;
        var calls = new[] { PublishAsync(1), PublishAsync(1), PublishAsync(1) };
        answer.SetException(new TimeoutException());
        await Assert.ThrowsAsync<TimeoutException>(() => Task.WhenAll(calls));
        _answer = () => Task.CompletedTask;
        await PublishAsync(1);
        Assert.Equal(1, _calls[^1].Writer);
    }

    [Fact]
    public async Task Writers_are_used_in_turn_if_none_answers()
    {
        _answer = () => Task.FromException(new TimeoutException());
        for (var i = 0; i < 17; i++)
        {
            await Assert.ThrowsAsync<TimeoutException>(() => PublishAsync(1));
        }

        Assert.Equal(Numbers(0, 15).Append(0), _calls.Select(call => call.Writer));
    }

    [Fact]
    public async Task Refusal_and_unavailable_log_keep_the_writer()
    {
        _answer = () => Task.FromException(new EventLogUnavailableException("test"));
        await Assert.ThrowsAsync<EventLogUnavailableException>(() => PublishAsync(1));
        await Assert.ThrowsAsync<EventLogUnavailableException>(() => PublishAsync(1));
        Assert.Equal([0L, 0L], _calls.Select(call => call.Writer));
    }

    [Fact]
    public void Client_cannot_read_the_streams()
    {
        Assert.Equal(StreamProviderDirection.WriteOnly, _adapter.Direction);
        Assert.Throws<NotSupportedException>(() => _adapter.CreateReceiver(default));
    }

    private Task PublishAsync(int count) => _adapter.QueueMessageBatchAsync(
        StreamId.Create(OrderStreams.Namespace, "shop"),
        Enumerable.Range(0, count).Select(_ => new OrderStatusEvent { OrderId = "o-1", Status = "s" }), null, null);
}
