using OrdersActors.Storage;
using OrdersActors.Streaming.Batches;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Streaming.Batches;

public sealed class BatchBuilderTests
{
    [Fact]
    public void Entries_are_grouped_by_organization_in_the_order_of_their_first_events()
    {
        var batches = Group(offset: 100, (1, "a", 0), (2, "b", 0), (4, "a", 0), (7, "b", 0));
        Assert.Equal(["a at 101: 1 4", "b at 102: 2 7"], batches.Select(Describe));
        Assert.All(batches, batch => Assert.Equal("epoch-1", batch.Epoch));
    }

    [Fact]
    public void Delivered_batch_covers_the_positions_before_the_next_batch_and_the_last_one_covers_all()
    {
        var batches = Group(offset: 0, (1, "a", 0), (5, "b", 0), (6, "a", 0), (9, "c", 0), (12, "b", 0));
        Assert.Equal([4L, 8L, 12L], batches.Select(batch => batch.DeliveredThrough));
    }

    [Fact]
    public void Full_batch_is_followed_by_another_of_the_same_organization()
    {
        const int Half = BatchBuilder.MaxBytes / 4;
        var batches = Group(offset: 0, (1, "a", Half), (2, "a", Half - 1000), (3, "b", 0), (4, "a", Half));
        Assert.Equal(["a at 1: 1 2", "b at 3: 3", "a at 4: 4"], batches.Select(Describe));
    }

    [Fact]
    public void Event_that_is_larger_than_a_batch_has_a_batch_of_its_own()
    {
        var batches = Group(offset: 0, (1, "a", BatchBuilder.MaxBytes), (2, "a", BatchBuilder.MaxBytes));
        Assert.Equal(["a at 1: 1", "a at 2: 2"], batches.Select(Describe));
    }

    private static OrganizationBatch[] Group(
        long offset, params (long Position, string Organization, int Size)[] entries) =>
    [
        .. BatchBuilder.Group(
            [
                .. entries.Select(entry => new PartitionEntry(
                    entry.Position,
                    FakeLog.Event(entry.Position, entry.Organization, new string('x', entry.Size)))),
            ],
            offset,
            "epoch-1").Cast<OrganizationBatch>(),
    ];

    private static string Describe(OrganizationBatch batch) =>
        $"{batch.StreamId.GetKeyAsString()} at {batch.Position}: "
        + string.Join(' ', batch.Batch.Events.Select(e => e.Sequence));
}
