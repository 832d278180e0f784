using OrdersActors.Storage;
using OrdersActors.Storage.EventLog;

namespace OrdersActors.Tests.Storage.EventLog;

public sealed class RecentEventsTests
{
    private readonly RecentEvents _recent = new(since: 10);

    [Fact]
    public void Events_after_a_position_are_returned_in_order_and_up_to_the_limit()
    {
        Add(11, 14, 15);
        Assert.Equal([11L, 14L], Read(10, 2)!);
        Assert.Equal([14L, 15L], Read(12, 10)!);
        Assert.Equal([], Read(15, 10)!);
    }

    [Fact]
    public void Events_that_it_does_not_have_must_be_read_from_the_database()
    {
        Add(11, 12);
        Assert.Null(Read(9, 10));
        Assert.Equal([12L], Read(11, 10)!);
        // The agent has taken event 11, so it is no longer kept.
        Assert.Null(Read(10, 10));
    }

    [Fact]
    public void Oldest_events_are_dropped_at_the_bound()
    {
        var details = $"\"{new string('x', 60_000)}\"";
        for (var position = 11; position <= 30; position++)
        {
            _recent.Add([new PartitionEntry(position, Event(details))]);
        }

        Assert.Null(Read(10, 100));
        var kept = Enumerable.Range(11, 20).First(position => Read(position, 100) is not null);
        var page = Read(kept, 100)!;
        Assert.Equal(30, page[^1]);
        Assert.InRange(page.Length * 120_000L, RecentEvents.MaxBytes / 2, RecentEvents.MaxBytes);
    }

    [Fact]
    public void Cleared_events_must_be_read_from_the_database()
    {
        Add(11, 12);
        _recent.Clear(since: 12);
        Assert.Null(Read(10, 10));
        Add(13);
        Assert.Equal([13L], Read(12, 10)!);
    }

    [Fact]
    public void Events_are_returned_to_a_reader_of_their_epoch_from_the_position_that_they_follow()
    {
        Assert.Null(Read(10, 10, "first"));
        AddAfter(10, "first", 11, 12);
        Assert.Null(Read(9, 10, "first"));
        Assert.Null(Read(10, 10, "second"));
        Assert.Equal([11L], Read(10, 1, "first")!);
        AddAfter(12, "first", 13);
        Assert.Equal([12L, 13L], Read(11, 10, "first")!);
        Assert.Equal([], Read(13, 10, "first")!);
        // The reader has read an event of another process.
        Assert.Null(Read(14, 10, "first"));
        AddAfter(14, "first", 15);
        Assert.Equal([15L], Read(14, 10, "first")!);
    }

    [Fact]
    public void Events_before_a_gap_or_a_rewritten_position_or_of_another_epoch_are_dropped()
    {
        AddAfter(10, "first", 11, 12);
        // Another process appended event 13.
        AddAfter(13, "first", 14);
        Assert.Null(Read(10, 10, "first"));
        Assert.Null(Read(12, 10, "first"));
        Assert.Equal([14L], Read(13, 10, "first")!);

        // The database has lost its last commits.
        AddAfter(11, "first", 12);
        Assert.Null(Read(14, 10, "first"));
        Assert.Equal([12L], Read(11, 10, "first")!);

        AddAfter(12, "second", 13);
        Assert.Null(Read(12, 10, "first"));
        Assert.Null(Read(11, 10, "second"));
        Assert.Equal([13L], Read(12, 10, "second")!);
    }

    [Fact]
    public void Forgotten_events_must_be_read_from_the_database_until_the_next_append()
    {
        AddAfter(10, "first", 11, 12);
        _recent.Forget();
        Assert.Null(Read(10, 10, "first"));
        Assert.Null(Read(12, 10, "first"));
        AddAfter(12, "first", 13);
        Assert.Null(Read(10, 10, "first"));
        Assert.Equal([13L], Read(12, 10, "first")!);
    }

    private void AddAfter(long after, string epoch, params long[] positions) => _recent.AddAfter(
        after,
        [.. positions.Select(position => new PartitionEntry(position, Event(null) with { Epoch = epoch }))]);

    private long[]? Read(long after, int limit, string epoch) =>
        _recent.Read(after, limit, epoch)?.Select(entry => entry.Position).ToArray();

    private void Add(params long[] positions) =>
        _recent.Add([.. positions.Select(position => new PartitionEntry(position, Event(null)))]);

    private long[]? Read(long after, int limit) =>
        _recent.Read(after, limit)?.Select(entry => entry.Position).ToArray();

    private static OrderEvent Event(string? details) => new()
    {
        OrganizationId = "shop",
        OrderId = "o",
        Version = 1,
        Sequence = 1,
        Id = "e",
        Status = "paid",
        OccurredAt = DateTimeOffset.UnixEpoch,
        Details = details,
    };
}
