namespace OrdersActors.Tests.Storage.EventLog;

/// <summary>Reads of the feeds, and waits for news.</summary>
public abstract class ReadingContract(EventLogHarness harness) : EventLogContract(harness)
{
    [Fact]
    public async Task Appended_event_is_returned_as_it_is_read_later()
    {
        var published = new OrderStatusEvent
        {
            Id = "e-1",
            OrderId = "o-ä☕",
            Status = "ünterwegs",
            Details = """{ "a" : 1.50, "b": "☕" }""",
            OccurredAt = new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.FromHours(2)).AddTicks(1234567),
        };
        var stored = Assert.Single(await Log.AppendAsync("shop", [published], Cancelled));
        Assert.Equal(new DateTimeOffset(2026, 3, 4, 3, 6, 7, TimeSpan.Zero).AddTicks(1234560), stored.OccurredAt);
        // White space between tokens is not kept.
        Assert.Equal("""{"a":1.50,"b":"☕"}""", stored.Details);
        await AppendAsync("shop", "o-2");
        await ReopenAsync();
        Assert.Equal(stored, Assert.Single(await Log.ReadOrderAsync("shop", published.OrderId, 0, 10, Cancelled)));
        Assert.Equal(stored, (await Log.ReadOrganizationAsync("shop", 0, 10, Cancelled))[0]);
        Assert.Equal(stored, (await Log.ReadPartitionAsync(Log.PartitionOf("shop"), 0, 10, Cancelled))[0].Event);
        Assert.Equal(stored, await Log.FindAsync("shop", "e-1", Cancelled));
        Assert.Null(await Log.FindAsync("other", "e-1", Cancelled));
        Assert.Null(await Log.FindAsync("shop", "e-2", Cancelled));
    }

    [Fact]
    public async Task Pages_are_limited_and_large_events_make_them_shorter_but_never_empty()
    {
        var details = $$"""{"x":"{{new string('x', 60_000)}}"}""";
        for (var i = 0; i < 40; i++)
        {
            await Log.AppendAsync("shop", [Event("o", $"e-{i}", "s") with { Details = details }], Cancelled);
        }

        Assert.Equal(3, (await Log.ReadOrderAsync("shop", "o", 5, 3, Cancelled)).Count);
        Assert.Equal(6, (await Log.ReadOrderAsync("shop", "o", 5, 3, Cancelled))[0].Version);
        var read = 0;
        var pages = 0;
        while (await Log.ReadOrganizationAsync("shop", read, 1000, Cancelled) is { Count: > 0 } page)
        {
            Assert.Equal(read + 1, page[0].Sequence);
            read += page.Count;
            pages++;
        }

        Assert.Equal(40, read);
        Assert.True(pages > 1);
    }

    [Fact]
    public async Task News_wakes_the_waiters_for_that_partition_and_cancellation_ends_a_wait()
    {
        var partition = Log.PartitionOf("shop");
        using var cancel = new CancellationTokenSource();
        var cancelled = Log.WaitForEventsAsync(partition, 0, cancel.Token);
        var waiting = Log.WaitForEventsAsync(partition, 0, Cancelled);
        Assert.False(waiting.IsCompleted);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        await AppendAsync("shop", "o-1");
        await waiting.WaitAsync(Timeout, Cancelled);
        await Log.WaitForEventsAsync(partition, 0, Cancelled).WaitAsync(Timeout, Cancelled);
        await ReopenAsync();
        await Log.WaitForEventsAsync(partition, 0, Cancelled).WaitAsync(Timeout, Cancelled);
    }

    [Fact]
    public void Partition_of_an_organization_is_in_range() => Assert.All(
        Enumerable.Range(0, 100), i => Assert.InRange(Log.PartitionOf($"shop-{i}"), 0, Log.PartitionCount - 1));
}
