using OrdersActors.Storage;
using OrdersActors.Storage.EventLog;

namespace OrdersActors.Tests.Storage.EventLog;

public sealed class PartitionTailTests
{
    private readonly PartitionTail _tail = new();

    [Fact]
    public void Positions_that_were_read_are_remembered_with_their_ids()
    {
        Assert.Null(_tail.Remember([Entry(3, "c"), Entry(5, "e")]));
        Assert.Equal([3L, 5L], _tail.Positions.Order());
        Assert.False(_tail.Contradicts(3, "c"));
        Assert.True(_tail.Contradicts(3, "x"));
        Assert.False(_tail.Contradicts(4, "x"));
    }

    [Fact]
    public void Reading_another_event_at_a_known_position_is_reported_with_the_first_such_position()
    {
        _tail.Remember([Entry(1, "a"), Entry(2, "b"), Entry(3, "c")]);
        Assert.Null(_tail.Remember([Entry(1, "a")]));
        Assert.Equal(2, _tail.Remember([Entry(1, "a"), Entry(2, "x"), Entry(3, "y")]));
        // The first event is still known, so the contradiction can be reported again.
        Assert.Equal(2, _tail.Remember([Entry(2, "x")]));
    }

    [Fact]
    public void Only_the_last_64_positions_are_remembered_and_an_older_one_never_replaces_a_newer_one()
    {
        _tail.Remember([.. Enumerable.Range(1, 100).Select(i => Entry(i, $"e-{i}"))]);
        Assert.Equal(Numbers(37, 100), _tail.Positions.Order());
        Assert.Null(_tail.Remember([Entry(1, "x"), Entry(36, "y")]));
        Assert.Equal(Numbers(37, 100), _tail.Positions.Order());
        Assert.Null(_tail.Remember([.. Enumerable.Range(101, 200).Select(i => Entry(i, $"e-{i}"))]));
        Assert.Equal(Numbers(237, 300), _tail.Positions.Order());
    }

    [Fact]
    public void Cleared_tail_contradicts_nothing()
    {
        _tail.Remember([Entry(1, "a"), Entry(2, "b"), Entry(3, "c")]);
        _tail.Clear();
        Assert.Empty(_tail.Positions);
        Assert.False(_tail.Contradicts(3, "x"));
        Assert.Null(_tail.Remember([Entry(3, "x")]));
    }

    private static PartitionEntry Entry(long position, string id) => new(position, new OrderEvent
    {
        OrganizationId = "shop",
        OrderId = "o",
        Id = id,
        Status = "s",
        Sequence = position,
        Version = position,
        OccurredAt = DateTimeOffset.UnixEpoch,
    });
}
