using OrdersActors.Storage;

namespace OrdersActors.Tests.Storage.EventLog;

/// <summary>The epoch of the numbers, and checkpoints.</summary>
public abstract class EpochContract(EventLogHarness harness) : EventLogContract(harness)
{
    [Fact]
    public async Task Checkpoints_begin_at_zero_and_only_move_forward()
    {
        var positions = await PositionsAsync("shop", 10);
        var partition = Log.PartitionOf("shop");
        Assert.Equal(0, await Log.GetCheckpointAsync(partition, Cancelled));
        await Log.SaveCheckpointAsync(partition, positions[8], Log.Epoch, Cancelled);
        await Log.SaveCheckpointAsync(partition, positions[5], Log.Epoch, Cancelled);
        await ReopenAsync();
        Assert.Equal(
            new PartitionState(partition, positions[9], positions[8]), await Log.GetStateAsync(partition, Cancelled));
        Assert.Equal(positions[8], await Log.GetCheckpointAsync(partition, Cancelled));
        await Log.SaveCheckpointAsync(partition, positions[9], Log.Epoch, Cancelled);
        Assert.Equal(positions[9], await Log.GetCheckpointAsync(partition, Cancelled));
    }

    [Fact]
    public async Task Checkpoint_of_another_epoch_or_ahead_of_the_log_is_not_stored()
    {
        var positions = await PositionsAsync("shop", 3);
        var partition = Log.PartitionOf("shop");
        await Log.SaveCheckpointAsync(partition, positions[0], Log.Epoch, Cancelled);
        await Log.SaveCheckpointAsync(partition, positions[1], "another", Cancelled);
        Assert.Equal(positions[0], await Log.GetCheckpointAsync(partition, Cancelled));
        await Log.SaveCheckpointAsync(partition, positions[2] + 1000, Log.Epoch, Cancelled);
        Assert.Equal(positions[0], await Log.GetCheckpointAsync(partition, Cancelled));
        var ended = Log.Epoch;
        await Log.BeginEpochAsync(ended, "a test", Cancelled);
        await Log.SaveCheckpointAsync(partition, positions[1], ended, Cancelled);
        Assert.Equal(positions[0], await Log.GetCheckpointAsync(partition, Cancelled));
        await Log.SaveCheckpointAsync(partition, positions[1], Log.Epoch, Cancelled);
        Assert.Equal(positions[1], await Log.GetCheckpointAsync(partition, Cancelled));
    }

    [Fact]
    public async Task Events_carry_the_epoch_and_reopening_keeps_it()
    {
        var epoch = Log.Epoch;
        Assert.NotEmpty(epoch);
        Assert.Equal(epoch, (await AppendAsync("shop", "o-1"))[0].Epoch);
        await ReopenAsync();
        Assert.Equal(epoch, Log.Epoch);
        await AssertEpochAsync(epoch);
        var next = await Log.BeginEpochAsync(epoch, "a test", Cancelled);
        Assert.NotEqual(epoch, next);
        await AssertEpochAsync(next);
        Assert.Equal((next, 2L), (await AppendAsync("shop", "o-1")).Select(e => (e.Epoch, e.Version)).Single());
        await ReopenAsync();
        Assert.Equal(next, Log.Epoch);
        await AssertEpochAsync(next);

        async Task AssertEpochAsync(string expected)
        {
            Assert.Equal(expected, (await Log.ReadOrderAsync("shop", "o-1", 0, 1, Cancelled))[0].Epoch);
            Assert.Equal(expected, (await Log.ReadOrganizationAsync("shop", 0, 1, Cancelled))[0].Epoch);
            var entry = (await Log.ReadPartitionAsync(Log.PartitionOf("shop"), 0, 1, Cancelled))[0];
            Assert.Equal(expected, entry.Event.Epoch);
            Assert.Equal(expected, (await Log.FindAsync("shop", entry.Event.Id, Cancelled))!.Epoch);
        }
    }

    [Fact]
    public async Task Epoch_ends_once_for_concurrent_requests()
    {
        var ended = Log.Epoch;
        var begun = OrderMetrics.EpochsBegun;
        var epochs = await Task.WhenAll(
            Enumerable.Range(0, 10).Select(i => Log.BeginEpochAsync(ended, $"test {i}", Cancelled)));
        Assert.Equal(Log.Epoch, Assert.Single(epochs.Distinct()));
        Assert.NotEqual(ended, Log.Epoch);
        Assert.Equal(Log.Epoch, await Log.BeginEpochAsync(ended, "too late", Cancelled));
        Assert.True(OrderMetrics.EpochsBegun > begun);
    }

    [Fact]
    public async Task New_epoch_wakes_the_waiters_for_news()
    {
        var waiting = Log.WaitForEventsAsync(Log.PartitionOf("shop"), 0, Cancelled);
        Assert.False(waiting.IsCompleted);
        await Log.BeginEpochAsync(Log.Epoch, "a test", Cancelled);
        await waiting.WaitAsync(Timeout, Cancelled);
    }

    /// <summary>Appends events one by one and returns their positions.</summary>
    private async Task<long[]> PositionsAsync(string organization, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await AppendAsync(organization, "o-1");
        }

        var entries = await Log.ReadPartitionAsync(Log.PartitionOf(organization), 0, 100, Cancelled);
        return [.. entries.Select(entry => entry.Position)];
    }
}
