using OrdersActors.Storage.EventLog;
using OrdersActors.Storage.PostgreSql;

namespace OrdersActors.Tests.Storage.PostgreSql;

public sealed class PostgresAppendGroupTests
{
    private readonly PostgresAppendGroup _group = new(maxEvents: 4);

    [Fact]
    public void Names_occur_once_and_events_count_within_their_organization_and_order()
    {
        _group.Add(Append("shop", Event("a", "1"), Event("b", "2"), Event("a", "3")));
        _group.Add(Append("other", Event("a", "1")));
        _group.Add(Append("shop", Event("b", "4")));
        Assert.Equal(["shop", "other"], _group.OrganizationNames);
        Assert.Equal([4, 1], _group.OrganizationCounts);
        Assert.Equal(["a", "b", "a"], _group.OrderNames);
        Assert.Equal([1, 1, 2], _group.OrderOrganizations);
        Assert.Equal([2, 2, 1], _group.OrderCounts);
        Assert.Equal(["1", "2", "3", "1", "4"], _group.EventIds);
        Assert.Equal([1, 2, 1, 3, 2], _group.EventOrders);
        Assert.Equal([1, 2, 3, 1, 4], _group.EventSequences);
        Assert.Equal([1, 1, 2, 1, 2], _group.EventVersions);
        Assert.Equal(("other", "1"), _group.IdOf(4));
    }

    [Fact]
    public async Task Stored_events_continue_the_numbers_before_the_group()
    {
        var (shop, other) = (Append("shop", Event("a", "1"), Event("b", "2")), Append("other", Event("a", "1")));
        _group.Add(shop);
        _group.Add(other);
        Assert.Equal([shop.Partition, other.Partition], _group.PartitionNumbers);
        Assert.Equal([2, 1], _group.PartitionCounts);
        Assert.Equal([1, 2], _group.OrganizationPartitions);
        Assert.Equal([1, 2, 1], _group.EventPositions);
        var entries = _group.SetStored([30, 70], [10, 20], [5, 6, 7], "epoch");
        shop.Complete();
        other.Complete();
        Assert.Equal([(11L, 6L), (12L, 7L)], (await shop.Answer).Select(e => (e.Sequence, e.Version)));
        Assert.Equal(
            ("other", "a", 21L, 8L, "epoch"),
            (await other.Answer).Select(e => (e.OrganizationId, e.OrderId, e.Sequence, e.Version, e.Epoch)).Single());
        Assert.Equal([31L, 32L], entries[shop.Partition].Select(entry => entry.Position));
        Assert.Equal(await shop.Answer, entries[shop.Partition].Select(entry => entry.Event));
        Assert.Equal([71L], entries[other.Partition].Select(entry => entry.Position));
        Assert.Equal(await other.Answer, entries[other.Partition].Select(entry => entry.Event));
    }

    [Fact]
    public void Append_with_an_id_of_the_group_must_wait_and_so_must_any_append_behind_a_full_group()
    {
        _group.Add(Append("shop", Event("a", "1")));
        Assert.False(_group.HasRoomFor(Append("shop", Event("b", "2"), Event("b", "1"))));
        Assert.True(_group.HasRoomFor(Append("other", Event("a", "1"))));
        _group.Add(Append("shop", Event("a", "2"), Event("a", "3"), Event("a", "4")));
        Assert.False(_group.HasRoomFor(Append("other", Event("a", "1"))));
    }

    [Fact]
    public void Large_details_fill_a_group_and_a_single_append_always_has_room()
    {
        var group = new PostgresAppendGroup(1_000_000);
        var details = $$"""{"x":"{{new string('x', 60_000)}}"}""";
        var large = Append(
            "shop", [.. Enumerable.Range(0, 150).Select(i => Event("a", $"{i}") with { Details = details })]);
        Assert.True(group.HasRoomFor(large));
        group.Add(large);
        Assert.False(group.HasRoomFor(Append("other", Event("a", "1"))));
    }

    [Fact]
    public async Task Known_events_leave_the_group_and_an_append_with_other_content_is_rejected()
    {
        var kept = Append("shop", Event("a", "1"), Event("a", "2"));
        var rejected = Append("shop", Event("a", "3"), Event("a", "4"), Event("a", "5"));
        _group.Add(kept);
        _group.Add(rejected);
        _group.SetKnown([Stored("5", "other"), Stored("1", "s"), Stored("4", "other")]);
        // The first conflict of the batch is reported, whatever the order of the rows.
        Assert.Equal(1, (await Assert.ThrowsAsync<EventConflictException>(() => rejected.Answer)).Index);
        var remaining = Accepted(_group);
        Assert.Equal(["2"], remaining.EventIds);
        Assert.Equal([1], remaining.EventVersions);
        Assert.Equal([kept], remaining.Appends);
        Assert.False(remaining.IsEmpty);
        remaining.SetKnown([Stored("2", "s")]);
        Assert.True(Accepted(remaining).IsEmpty);
    }

    [Fact]
    public void Repeated_event_of_an_append_is_in_the_group_once()
    {
        _group.Add(Append("shop", Event("a", "1"), Event("a", "1")));
        Assert.Equal(["1"], _group.EventIds);
        Assert.Equal([1], _group.OrderCounts);
    }

    [Fact]
    public async Task Group_that_cannot_be_stored_is_halved_until_the_cause_is_alone_and_rejected()
    {
        var appends = Enumerable.Range(0, 3).Select(i => Append("shop", Event("a", $"{i}"))).ToArray();
        Array.ForEach(appends, _group.Add);
        var rejection = new InvalidOrderEventException("event", "cannot be stored");
        var halves = _group.Split(rejection)!.Value;
        Assert.Equal(appends[..1], halves.First.Appends);
        Assert.Equal(appends[1..], halves.Second.Appends);
        Assert.Null(halves.First.Split(rejection));
        Assert.Same(rejection, await Assert.ThrowsAsync<InvalidOrderEventException>(() => appends[0].Answer));
        Assert.True(appends[0].IsRejected);
    }

    private static PostgresAppendGroup Accepted(PostgresAppendGroup group) => group.Where(append => !append.IsRejected);

    private static PendingAppend Append(string organization, params OrderStatusEvent[] events) =>
        PendingAppend.Create(organization, 8, events, TestContext.Current.CancellationToken);

    private static OrderStatusEvent Event(string order, string id) => new() { OrderId = order, Id = id, Status = "s" };

    private static OrderEvent Stored(string id, string status) =>
        EventRow.Numbered(Event("a", id) with { Status = status }, "shop", 1, 1, "epoch");
}
