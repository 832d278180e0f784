using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Storage;
using OrdersActors.Storage.Sqlite;
using OrdersActors.Streaming;
using OrdersActors.Streaming.Batches;
using OrdersActors.Streaming.Queue;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Streaming.Queue;

public sealed class PartitionReceiverTests : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private readonly RecordingLogger<PartitionReceiver> _logger = new();
    private readonly SqliteEventLog _store;
    private readonly SqliteEventLog _restored;
    private readonly TestLog _log;
    private readonly PartitionReceiver _receiver;

    public PartitionReceiverTests()
    {
        _store = Open("a");
        _restored = Open("b");
        _log = new TestLog(_store);
        _receiver = new PartitionReceiver(
            0, _log, new OrderStreamOptions
            {
                CheckpointInterval = TimeSpan.Zero,
                LongPoll = TimeSpan.FromMilliseconds(50)
            }, _time, _logger);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Batches_are_split_by_bytes_and_a_checkpoint_covers_only_delivered_batches()
    {
        for (var i = 0; i < 12; i++)
        {
            await AppendAsync("large", 1, 60_000);
            await AppendAsync("small", 1, 10);
        }

        var batches = await ReadAsync();
        Assert.Equal(
            [("large", 8), ("small", 12), ("large", 4)],
            batches.Select(batch => (batch.StreamId.GetKeyAsString(), batch.Batch.Events.Length)));
        Assert.All(batches, batch => Assert.InRange(batch.Bytes, 1, 1024 * 1024 + 1024));
        Assert.Equal([.. batches.Select(batch => batch.Position).Order()], batches.Select(batch => batch.Position));
        var events = batches.SelectMany(batch => batch.Batch.Events).ToLookup(e => e.OrganizationId, e => e.Sequence);
        Assert.Equal(Enumerable.Range(1, 12).Select(n => (long)n), events["large"]);

        // The second small event has a higher position in the log than the batch in front of it.
        await _receiver.MessagesDeliveredAsync([batches[0]], Cancelled);
        Assert.Equal(batches[1].Position - 1, await _log.GetCheckpointAsync(0, Cancelled));
        await _receiver.MessagesDeliveredAsync([batches[1], batches[2]], Cancelled);
        Assert.Equal(24, await _log.GetCheckpointAsync(0, Cancelled));
    }

    [Fact]
    public async Task Batch_has_the_time_at_which_its_first_event_was_committed()
    {
        var receiver = new PartitionReceiver(0, _store, new OrderStreamOptions(), _time, _logger);
        await AppendAsync("shop", 1, 10);
        var before = (OrganizationBatch)Assert.Single(await receiver.GetQueueMessagesAsync(100, Cancelled));
        Assert.Equal(0, before.Batch.CommittedAt);
        using var recorder = new StageRecorder();
        await AppendAsync("other", 1, 10);
        var between = EventStages.Now();
        await AppendAsync("shop", 1, 10);
        await AppendAsync("other", 1, 10);
        var batches = (await receiver.GetQueueMessagesAsync(100, Cancelled)).Cast<OrganizationBatch>().ToArray();
        Assert.Equal([2, 1], batches.Select(batch => batch.Batch.Events.Length));
        Assert.InRange(batches[0].Batch.CommittedAt, 1, between);
        Assert.InRange(batches[1].Batch.CommittedAt, between, EventStages.Now());
    }

    [Fact]
    public async Task New_epoch_restarts_delivery_at_the_checkpoint_of_the_store()
    {
        await AppendAsync("shop", 10, 10);
        var old = await ReadAsync();
        _log.Replace(_restored);
        await AppendAsync("shop", 3, 10);
        await _log.BeginEpochAsync(_log.Epoch, "test", Cancelled);

        var batches = await ReadAsync();
        Assert.Equal([1L, 2L, 3L], batches.Single().Batch.Events.Select(e => e.Sequence));
        Assert.All(batches.Single().Batch.Events, e => Assert.Equal(_log.Epoch, e.Epoch));
        // A cursor past the old batches must find the new one.
        Assert.True(batches[0].Position > old[^1].Position + 9);
        Assert.Contains(1103, _logger.Ids);

        // Old batches that are delivered late do not affect the new history.
        await _receiver.MessagesDeliveredAsync([.. old], Cancelled);
        Assert.Equal(0, await _log.GetCheckpointAsync(0, Cancelled));
        await _receiver.MessagesDeliveredAsync([.. batches], Cancelled);
        Assert.Equal(3, await _log.GetCheckpointAsync(0, Cancelled));
    }

    [Fact]
    public async Task Receiver_that_saw_a_new_epoch_but_cannot_read_saves_no_old_checkpoint()
    {
        await AppendAsync("shop", 10, 10);
        var old = await ReadAsync();
        await _receiver.MessagesDeliveredAsync([.. old], Cancelled);
        _log.Replace(_restored);
        await _log.BeginEpochAsync(_log.Epoch, "test", Cancelled);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await _receiver.GetQueueMessagesAsync(100, cancelled.Token);
        await _receiver.MessagesDeliveredAsync([.. old], Cancelled);
        await _receiver.Shutdown(TimeSpan.FromSeconds(10));
        Assert.Equal(0, await _restored.GetCheckpointAsync(0, Cancelled));
    }

    [Fact]
    public async Task Read_without_events_waits_for_the_logs_signal_at_most_one_long_poll()
    {
        IReadOnlyList<PartitionEntry> entries = [];
        var signal = new TaskCompletionSource();
        var log = FakeLog.Create((method, arguments) => method switch
        {
            "get_Epoch" => "epoch-1",
            nameof(IEventLog.GetCheckpointAsync) => Task.FromResult(0L),
            nameof(IEventLog.ReadPartitionAsync) => Task.FromResult(entries),
            nameof(IEventLog.WaitForEventsAsync) => signal.Task.WaitAsync((CancellationToken)arguments[2]!),
            _ => throw new NotSupportedException(method),
        });
        var options = new OrderStreamOptions { LongPoll = TimeSpan.FromSeconds(2) };
        var receiver = new PartitionReceiver(0, log, options, _time, _logger);
        var reading = receiver.GetQueueMessagesAsync(1000, Cancelled);
        _time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(reading.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Empty(await reading);

        reading = receiver.GetQueueMessagesAsync(1000, Cancelled);
        Assert.False(reading.IsCompleted);
        entries = [new PartitionEntry(1, FakeLog.Event(1))];
        signal.SetResult();
        Assert.Single(await reading);
    }

    [Fact]
    public async Task Log_that_cannot_be_read_is_logged_once_and_retried_every_second()
    {
        var isAway = true;
        var log = FakeLog.Create((method, _) => (isAway, method) switch
        {
            (_, "get_Epoch") => "epoch-1",
            (true, _) => throw new EventLogUnavailableException("the test stopped it"),
            (_, nameof(IEventLog.GetCheckpointAsync)) => Task.FromResult(0L),
            (_, nameof(IEventLog.ReadPartitionAsync)) =>
                Task.FromResult<IReadOnlyList<PartitionEntry>>([new PartitionEntry(1, FakeLog.Event(1))]),
            _ => throw new NotSupportedException(method),
        });
        var receiver = new PartitionReceiver(0, log, new OrderStreamOptions(), _time, _logger);
        for (var i = 0; i < 3; i++)
        {
            var reading = receiver.GetQueueMessagesAsync(1000, Cancelled);
            _time.Advance(TimeSpan.FromSeconds(0.9));
            Assert.False(reading.IsCompleted);
            _time.Advance(TimeSpan.FromSeconds(0.1));
            Assert.Empty(await reading);
        }

        Assert.Equal([1100], _logger.Ids);
        isAway = false;
        Assert.Single(await receiver.GetQueueMessagesAsync(1000, Cancelled));
        Assert.Equal([1100, 1101], _logger.Ids);
    }

    [Fact]
    public async Task Checkpoint_is_saved_at_most_once_per_interval_and_at_the_end()
    {
        var receiver = new PartitionReceiver(
            0, _log, new OrderStreamOptions { CheckpointInterval = TimeSpan.FromSeconds(2) }, _time, _logger);
        await AppendAsync("a", 1, 10);
        await AppendAsync("b", 1, 10);
        await AppendAsync("c", 1, 10);
        var batches = await receiver.GetQueueMessagesAsync(1000, Cancelled);
        await receiver.MessagesDeliveredAsync([batches[0]], Cancelled);
        Assert.Equal(0, await _log.GetCheckpointAsync(0, Cancelled));
        _time.Advance(TimeSpan.FromSeconds(2));
        await receiver.MessagesDeliveredAsync([batches[1]], Cancelled);
        Assert.Equal(2, await _log.GetCheckpointAsync(0, Cancelled));
        await receiver.MessagesDeliveredAsync([batches[2]], Cancelled);
        Assert.Equal(2, await _log.GetCheckpointAsync(0, Cancelled));
        await receiver.Shutdown(TimeSpan.FromSeconds(10));
        Assert.Equal(3, await _log.GetCheckpointAsync(0, Cancelled));
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        await _restored.DisposeAsync();
        _folder.Dispose();
    }

    private SqliteEventLog Open(string name) => SqliteEventLog.Open(
        new SqliteStorageOptions
        {
            DataDirectory = Path.Combine(_folder.Path, name),
            FullDurability = false,
            PartitionCount = 1
        },
        TimeProvider.System, NullLogger<SqliteEventLog>.Instance);

    private async Task<OrganizationBatch[]> ReadAsync()
    {
        var batches = await _receiver.GetQueueMessagesAsync(1000, Cancelled);
        return [.. batches.Cast<OrganizationBatch>()];
    }

    private async Task AppendAsync(string organization, int count, int size)
    {
        for (var i = 0; i < count; i++)
        {
            await _log.AppendAsync(
                organization,
                [new OrderStatusEvent { OrderId = $"{organization}/1", Status = "s",
                    Details = $"{{\"x\":\"{new string('x', size)}\"}}" }],
                Cancelled);
        }
    }
}
