using OrdersActors.Publishing;
using OrdersActors.Testing;

namespace OrdersActors.Tests.Testing;

/// <summary><see cref="OrdersTestServerTests"/> compares it with the real publisher.</summary>
public sealed class FakeOrderStatusPublisherTests
{
    private static readonly OrderStatusEvent Event = new() { OrderId = "o-1", Status = "paid", Id = "e-1" };

    private readonly FakeOrderStatusPublisher _publisher = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Published_events_are_recorded_in_order_in_their_normal_form()
    {
        await _publisher.PublishAsync("acme", Event with { Details = """{ "n": 1 }""" }, Cancelled);
        await _publisher.PublishAsync("other", [Event, Event with { Id = "e-2" }], Cancelled);
        Assert.Equal(
            ["acme e-1 1/1", "other e-1 1/1", "other e-2 2/2"],
            _publisher.Published.Select(call =>
                $"{call.OrganizationId} {call.Event.Id} {call.Result.Version}/{call.Result.Sequence}"));
        Assert.Equal("""{"n":1}""", _publisher.Published[0].Event.Details);
    }

    [Fact]
    public async Task Requested_failures_come_first_and_store_nothing()
    {
        var given = new InvalidOperationException("of the test");
        _publisher.FailNext(2);
        _publisher.FailNext(exception: given);
        for (var i = 0; i < 2; i++)
        {
            var e = await Assert.ThrowsAsync<PublishFailedException>(
                () => _publisher.PublishAsync("acme", Event, Cancelled));
            Assert.Equal(0, e.Stored);
        }

        Assert.Same(given, await Assert.ThrowsAsync<InvalidOperationException>(
            () => _publisher.PublishAsync("acme", [Event, Event with { Id = "e-2" }], Cancelled)));
        Assert.Empty(_publisher.Published);
        Assert.False((await _publisher.PublishAsync("acme", Event, Cancelled)).IsRepeat);
    }

    [Fact]
    public async Task Lost_answer_stores_the_event_so_that_the_retry_is_a_repeat()
    {
        _publisher.FailNext(isStored: true);
        await Assert.ThrowsAsync<PublishFailedException>(() => _publisher.PublishAsync("acme", Event, Cancelled));
        Assert.Equal(
            new PublishedEvent("e-1", 1, 1, IsRepeat: true), await _publisher.PublishAsync("acme", Event, Cancelled));
        Assert.Single(_publisher.Published);
    }

    [Fact]
    public async Task Invalid_event_does_not_use_up_a_failure()
    {
        _publisher.FailNext();
        await Assert.ThrowsAsync<InvalidOrderEventException>(
            () => _publisher.PublishAsync("acme", Event with { Status = "" }, Cancelled));
        await Assert.ThrowsAsync<PublishFailedException>(() => _publisher.PublishAsync("acme", Event, Cancelled));
        Assert.Throws<ArgumentOutOfRangeException>(() => _publisher.FailNext(0));
    }

    [Fact]
    public async Task Conflict_stores_nothing_of_its_batch()
    {
        await _publisher.PublishAsync("acme", Event, Cancelled);
        OrderStatusEvent[] events = [Event with { Id = "e-2" }, Event with { Status = "packed" }];
        var e = await Assert.ThrowsAsync<EventConflictException>(
            () => _publisher.PublishAsync("acme", events, Cancelled));
        Assert.Equal(("e-1", 1, "status"), (e.EventId, e.Index, e.Field));
        Assert.Equal(2, (await _publisher.PublishAsync("acme", events[0], Cancelled)).Sequence);
    }

    [Fact]
    public async Task Batches_before_a_conflict_are_stored_and_the_index_is_that_of_the_list()
    {
        await _publisher.PublishAsync("acme", Event, Cancelled);
        OrderStatusEvent[] events = [.. Enumerable.Range(0, 1500).Select(i => Event with { Id = $"n-{i}" })];
        events[1200] = Event with { OrderId = "o-2" };
        var e = await Assert.ThrowsAsync<EventConflictException>(
            () => _publisher.PublishAsync("acme", events, Cancelled));
        Assert.Equal((1200, "order_id", "o-1"), (e.Index, e.Field, e.StoredOrderId));
        Assert.Equal(1001, _publisher.Published.Count);
    }

    [Fact]
    public async Task Cancelled_call_publishes_nothing()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _publisher.PublishAsync("acme", Event, new CancellationToken(canceled: true)));
        Assert.Empty(_publisher.Published);
    }

    [Fact]
    public async Task Calls_of_many_threads_get_each_number_once()
    {
        await Parallel.ForAsync(0, 500, Cancelled, async (i, cancellation) =>
            await _publisher.PublishAsync("acme", Event with { Id = $"e-{i}", OrderId = $"o-{i % 7}" }, cancellation));
        Assert.Equal(
            Enumerable.Range(1, 500).Select(i => (long)i), _publisher.Published.Select(call => call.Result.Sequence));
        Assert.All(
            _publisher.Published.GroupBy(call => call.Event.OrderId),
            order => Assert.Equal(
                Enumerable.Range(1, order.Count()).Select(i => (long)i), order.Select(call => call.Result.Version)));
    }
}
