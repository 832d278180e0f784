using OrdersActors.Storage;

namespace OrdersActors.Tests.Storage.EventLog;

/// <summary>Order ids are unique within their organization, and so are event ids.</summary>
public abstract class IdentityContract(EventLogHarness harness) : EventLogContract(harness)
{
    [Fact]
    public async Task Orders_of_two_organizations_with_the_same_id_are_independent()
    {
        var shop = await AppendAsync("shop", "1001", "1001", "1002");
        var other = await AppendAsync("other", "1001");
        Assert.Equal([1L, 2L, 1L], shop.Select(e => e.Version));
        Assert.Equal((1L, 1L), (other[0].Sequence, other[0].Version));
        Assert.Equal(2, (await AppendAsync("other", "1001"))[0].Version);
        Assert.Equal(3, (await AppendAsync("shop", "1001"))[0].Version);
        await ReopenAsync();
        Assert.Equal(new OrderHead(3, 1), await Log.GetOrderHeadAsync("shop", "1001", Cancelled));
        Assert.Equal(new OrderHead(2, 1), await Log.GetOrderHeadAsync("other", "1001", Cancelled));
        Assert.Null(await Log.GetOrderHeadAsync("other", "1002", Cancelled));
        Assert.Null(await Log.GetOrderHeadAsync("nobody", "1001", Cancelled));
        Assert.Equal(
            ["shop", "shop", "shop"],
            (await Log.ReadOrderAsync("shop", "1001", 0, 10, Cancelled)).Select(e => e.OrganizationId));
        Assert.Equal(other[0], (await Log.ReadOrderAsync("other", "1001", 0, 10, Cancelled))[0]);
        Assert.Equal(2, Assert.Single(await Log.ReadOrderAsync("other", "1001", 1, 10, Cancelled)).Version);
        Assert.Equal(2, (await Log.ReadOrderAsync("shop", "1001", 0, 2, Cancelled)).Count);
        Assert.Empty(await Log.ReadOrderAsync("other", "1002", 0, 10, Cancelled));
        Assert.Empty(await Log.ReadOrderAsync("nobody", "1001", 0, 10, Cancelled));
        Assert.Equal(
            Numbers(1, 2), (await Log.ReadOrganizationAsync("other", 0, 10, Cancelled)).Select(e => e.Sequence));
        Assert.Equal(
            ["1001", "1001", "1002", "1001"],
            (await Log.ReadOrganizationAsync("shop", 0, 10, Cancelled)).Select(e => e.OrderId));
    }

    [Fact]
    public async Task Trimming_an_order_does_not_affect_another_organizations_order_of_the_same_id()
    {
        await AppendAsync("shop", [.. Enumerable.Repeat("1001", 20)]);
        await AppendAsync("other", [.. Enumerable.Repeat("1001", 5)]);
        await DeliverAsync();
        await TrimAsync(Limits);
        Assert.Equal(new OrderHead(20, 11), await Log.GetOrderHeadAsync("shop", "1001", Cancelled));
        Assert.Equal(new OrderHead(5, 1), await Log.GetOrderHeadAsync("other", "1001", Cancelled));
        Assert.Equal(
            Numbers(1, 5), (await Log.ReadOrderAsync("other", "1001", 0, 10, Cancelled)).Select(e => e.Version));
    }

    [Fact]
    public async Task Parallel_appends_of_several_organizations_to_one_order_id_are_numbered_independently()
    {
        string[] shops = ["a", "b", "c", "d"];
        var appends = shops.SelectMany(shop => Enumerable.Range(0, 50).Select(_ => AppendAsync(shop, "1001")))
            .ToArray();
        await Task.WhenAll(appends);
        foreach (var shop in shops)
        {
            var events = await Log.ReadOrderAsync(shop, "1001", 0, 1000, Cancelled);
            Assert.Equal(Numbers(1, 50), events.Select(e => e.Version));
            Assert.All(events, e => Assert.Equal(shop, e.OrganizationId));
        }
    }

    [Fact]
    public async Task Event_published_again_is_the_same_event()
    {
        var given = Event("o-1", "e-1", "paid") with { Details = """{"a":1}""", OccurredAt = Time.GetUtcNow() };
        var stored = await Log.AppendAsync("shop", [given], Cancelled);
        var first = stored[0];
        Assert.Equal([new PublishedEvent("e-1", 1, 1, IsRepeat: false)], stored.ToPublished());
        // The time is not compared, because a publisher that retries may use the current time again.
        var later = given with { OccurredAt = given.OccurredAt.AddMinutes(5) };
        Assert.Equal([first], await Log.AppendAsync("shop", [later], Cancelled));
        await ReopenAsync();
        Assert.Equal([first, first], await Log.AppendAsync("shop", [given, later], Cancelled));
        var mixed = await Log.AppendAsync(
            "shop", [Event("o-1", "e-2", "a"), Event("o-1", "e-2", "a"), given, Event("o-1", "e-3", "d")], Cancelled);
        Assert.Equal([2L, 2L, 1L, 3L], mixed.Select(e => e.Version));
        Assert.Equal([2L, 2L, 1L, 3L], mixed.Select(e => e.Sequence));
        Assert.Equal([false, true, true, false], mixed.ToPublished().Select(e => e.IsRepeat));
        Assert.Equal(3, (await Log.GetOrganizationHeadAsync("shop", Cancelled)).Sequence);
        // Event ids are unique only within an organization.
        Assert.Equal(1, (await Log.AppendAsync("other", [Event("o-2", "e-1", "created")], Cancelled))[0].Sequence);
    }

    [Theory]
    [InlineData("o-1", "paid", """{ "a" : 1 }""", null)]
    [InlineData("o-2", "created", "{}", "order_id")]
    [InlineData("o-1", "created", null, "status")]
    [InlineData("o-1", "paid", """{"a":2}""", "details")]
    [InlineData("o-1", "paid", """{"a ":1}""", "details")]
    [InlineData("o-1", "paid", null, "details")]
    public async Task Id_with_other_content_is_a_conflict_that_names_the_first_difference(
        string order, string status, string? details, string? field)
    {
        await Log.AppendAsync("shop", [Event("o-1", "e-1", "paid") with { Details = """{"a":1}""" }], Cancelled);
        var other = Event(order, "e-1", status) with { Details = details };
        if (field is null)
        {
            Assert.Equal(1, (await Log.AppendAsync("shop", [other], Cancelled))[0].Version);
            return;
        }

        var e = await Assert.ThrowsAsync<EventConflictException>(() =>
            Log.AppendAsync("shop", [Event("new", "e-2", "s"), Event("o-1", "e-3", "s"), other], Cancelled));
        Assert.Equal(("e-1", 2, order, "o-1", field), (e.EventId, e.Index, e.OrderId, e.StoredOrderId, e.Field));
        // No event of the batch is stored.
        Assert.Equal(1, (await Log.GetOrganizationHeadAsync("shop", Cancelled)).Sequence);
        Assert.Equal(new OrderHead(1, 1), await Log.GetOrderHeadAsync("shop", "o-1", Cancelled));
        Assert.Null(await Log.GetOrderHeadAsync("shop", "new", Cancelled));
        Assert.Null(await Log.FindAsync("shop", "e-2", Cancelled));
        Assert.Equal([2L, 3L], (await AppendAsync("shop", "new", "o-1")).Select(next => next.Sequence));
    }

    [Fact]
    public async Task Two_events_with_one_id_in_one_batch_are_a_conflict_unless_they_are_equal()
    {
        var e = await Assert.ThrowsAsync<EventConflictException>(() =>
            Log.AppendAsync("shop", [Event("o-1", "e-1", "a"), Event("o-2", "e-1", "a")], Cancelled));
        Assert.Equal(("e-1", 1, "o-2", "o-1", "order_id"), (e.EventId, e.Index, e.OrderId, e.StoredOrderId, e.Field));
        Assert.Equal(0, (await Log.GetOrganizationHeadAsync("shop", Cancelled)).Sequence);
        var same = await Log.AppendAsync("shop", [Event("o-1", "e-1", "a"), Event("o-1", "e-1", "a")], Cancelled);
        Assert.Equal(same[0], same[1]);
        Assert.Equal(1, same[0].Sequence);
    }

    [Fact]
    public async Task Refused_append_does_not_affect_appends_committed_with_it()
    {
        await Log.AppendAsync("b", [Event("o", "taken", "s")], Cancelled);
        var appends = Enumerable.Range(0, 200).Select(i => i % 3 == 0
            ? Log.AppendAsync("b", [Event($"lost-{i}", $"lost-{i}", "s"), Event("o", "taken", "other")], Cancelled)
            : AppendAsync("b", $"o-{i % 5}")).ToArray();
        foreach (var (append, i) in appends.Select((append, i) => (append, i)))
        {
            if (i % 3 == 0)
            {
                await Assert.ThrowsAsync<EventConflictException>(() => append);
            }
            else
            {
                await append;
            }
        }

        var events = await Log.ReadOrganizationAsync("b", 0, 1000, Cancelled);
        Assert.Equal(Numbers(1, 134), events.Select(e => e.Sequence));
        Assert.DoesNotContain(events, e => e.OrderId.StartsWith("lost", StringComparison.Ordinal));
    }
}
