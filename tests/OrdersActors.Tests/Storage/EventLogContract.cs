using Microsoft.Extensions.Time.Testing;
using OrdersActors.Storage;

namespace OrdersActors.Tests.Storage;

/// <summary>What every event log must hold to. An implementation derives from this and says how its log is opened.</summary>
public abstract class EventLogContract : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly RetentionLimits Limits = new(TimeSpan.FromDays(30), 10, 3, TimeSpan.FromMinutes(1));
    private IEventLog? _log;

    protected IEventLog Log => _log!;

    /// <summary>The log's clock.</summary>
    protected FakeTimeProvider Time { get; } = new();

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Opens the test's log: a fresh one at first, and the same one after it was closed.</summary>
    protected abstract Task<IEventLog> OpenAsync();

    protected abstract ValueTask CloseAsync();

    protected async Task ReopenAsync()
    {
        await CloseAsync();
        _log = await OpenAsync();
    }

    public async ValueTask InitializeAsync() => _log = await OpenAsync();

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await CloseAsync();
    }

    [Fact]
    public async Task Versions_and_sequences_count_from_one_without_holes()
    {
        await AppendAsync("a", "o-1", "o-2");
        await AppendAsync("b", "o-3");
        var third = await AppendAsync("a", "o-1", "o-1", "o-2");
        Assert.Equal([(3L, 2L), (4L, 3L), (5L, 2L)], third.Select(e => (e.Sequence, e.Version)));
        Assert.Equal(new OrganizationHead(5, 1), await Log.GetOrganizationHeadAsync("a", Cancelled));
        Assert.Equal(1, (await Log.GetOrganizationHeadAsync("b", Cancelled)).Sequence);
        Assert.Equal(new OrganizationHead(0, 1), await Log.GetOrganizationHeadAsync("c", Cancelled));
        Assert.Equal(new OrderHead(3, 1), await Log.GetOrderHeadAsync("a", "o-1", Cancelled));
        Assert.Null(await Log.GetOrderHeadAsync("a", "o-9", Cancelled));
    }

    [Fact]
    public async Task What_is_returned_is_what_is_read_later()
    {
        var published = new OrderStatusEvent
        {
            Id = "e-1", OrderId = "o-ä☕", Status = "ünterwegs", Details = """{ "a" : 1.50, "b": "☕" }""",
            OccurredAt = new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.FromHours(2)).AddTicks(1234567),
        };
        var stored = Assert.Single(await Log.AppendAsync("shop", [published], Cancelled));
        Assert.Equal(new DateTimeOffset(2026, 3, 4, 3, 6, 7, TimeSpan.Zero).AddTicks(1234560), stored.OccurredAt);
        Assert.Equal(published.Details, stored.Details);
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
    public async Task An_id_seen_before_is_not_stored_again_whatever_comes_with_it()
    {
        var first = (await Log.AppendAsync("shop", [Event("o-1", "e-1", "paid")], Cancelled))[0];
        var again = await Log.AppendAsync("shop", [Event("o-1", "e-1", "other"), Event("o-9", "e-1", "other")], Cancelled);
        Assert.Equal([first, first], again);
        Assert.Null(await Log.GetOrderHeadAsync("shop", "o-9", Cancelled));
        var mixed = await Log.AppendAsync(
            "shop", [Event("o-1", "e-2", "a"), Event("o-1", "e-2", "b"), Event("o-1", "e-1", "c"), Event("o-1", "e-3", "d")], Cancelled);
        Assert.Equal([2L, 2L, 1L, 3L], mixed.Select(e => e.Version));
        Assert.Equal(3, (await Log.GetOrganizationHeadAsync("shop", Cancelled)).Sequence);
        // Ids are an organization's own.
        Assert.Equal(1, (await Log.AppendAsync("other", [Event("o-2", "e-1", "paid")], Cancelled))[0].Sequence);
    }

    [Fact]
    public async Task An_order_belongs_to_whoever_published_first_and_a_refused_append_stores_nothing()
    {
        await AppendAsync("a", "o-1");
        var e = await Assert.ThrowsAsync<OrderOwnershipException>(() => AppendAsync("b", "o-2", "o-1", "o-3"));
        Assert.Equal("o-1", e.OrderId);
        Assert.Equal(0, (await Log.GetOrganizationHeadAsync("b", Cancelled)).Sequence);
        Assert.Null(await Log.GetOrderHeadAsync("b", "o-2", Cancelled));
        Assert.Equal(1, (await AppendAsync("b", "o-2"))[0].Sequence);
    }

    [Fact]
    public async Task A_refused_append_does_not_disturb_those_that_are_committed_with_it()
    {
        await AppendAsync("a", "mine");
        var appends = Enumerable.Range(0, 200).Select(i => i % 3 == 0 ? AppendAsync("b", "mine") : AppendAsync("b", $"o-{i % 5}")).ToArray();
        foreach (var (append, i) in appends.Select((append, i) => (append, i)))
        {
            if (i % 3 == 0)
            {
                await Assert.ThrowsAsync<OrderOwnershipException>(() => append);
            }
            else
            {
                await append;
            }
        }

        var events = await Log.ReadOrganizationAsync("b", 0, 1000, Cancelled);
        Assert.Equal(Enumerable.Range(1, 133).Select(n => (long)n), events.Select(e => e.Sequence));
    }

    [Theory]
    [InlineData("", "s", "e", null, "order_id")]
    [InlineData("o", "", "e", null, "status")]
    [InlineData("o", "s", "", null, "id")]
    [InlineData("o", "s", "e", "[]", "details")]
    [InlineData("o", "s", "e", "{", "details")]
    [InlineData("o\n", "s", "e", null, "order_id")]
    public async Task A_field_that_is_not_allowed_is_named_and_nothing_is_stored(
        string order, string status, string id, string? details, string field)
    {
        var bad = new OrderStatusEvent { OrderId = order, Status = status, Id = id, Details = details };
        var e = await Assert.ThrowsAsync<InvalidOrderEventException>(() =>
            Log.AppendAsync("shop", [Event("good", "e-0", "s"), bad], Cancelled));
        Assert.Equal(field, e.Field);
        Assert.Equal(0, (await Log.GetOrganizationHeadAsync("shop", Cancelled)).Sequence);
    }

    [Fact]
    public async Task Lengths_are_limited()
    {
        await Log.AppendAsync(new string('s', 64), [new OrderStatusEvent
        {
            OrderId = new string('o', 128), Status = new string('s', 64), Id = new string('e', 128),
            Details = $$"""{"x":"{{new string('x', 65_528)}}"}""",
        }], Cancelled);
        await FieldAsync("organization_id", new string('s', 65), Event("o", "e", "s"));
        await FieldAsync("order_id", "s", Event(new string('o', 129), "e", "s"));
        await FieldAsync("status", "s", Event("o", "e", new string('s', 65)));
        await FieldAsync("id", "s", Event("o", new string('e', 129), "s"));
        await FieldAsync("details", "s", Event("o", "e", "s") with { Details = $$"""{"x":"{{new string('x', 65_529)}}"}""" });
        await FieldAsync("events", "s");
        await FieldAsync("events", "s", [.. Enumerable.Range(0, 1001).Select(i => Event("o", $"e-{i}", "s"))]);

        async Task FieldAsync(string field, string organization, params OrderStatusEvent[] events) => Assert.Equal(
            field, (await Assert.ThrowsAsync<InvalidOrderEventException>(() => Log.AppendAsync(organization, events, Cancelled))).Field);
    }

    [Fact]
    public async Task Parallel_appends_number_without_holes_and_a_reader_never_sees_a_number_before_the_one_below()
    {
        string[] shops = ["a", "b", "c", "d", "e"];
        var appending = Task.WhenAll(Enumerable.Range(0, 20).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 40; i++)
            {
                var shop = shops[(writer + i) % shops.Length];
                await AppendAsync(shop, $"{shop}-{i % 7}", $"{shop}-{writer}", $"{shop}-{i % 3}");
            }
        })));
        var seen = shops.ToDictionary(shop => shop, _ => 0L);
        var reading = Enumerable.Range(0, Log.PartitionCount).Select(partition => Task.Run(async () =>
        {
            var position = 0L;
            var expected = shops.Where(shop => Log.PartitionOf(shop) == partition).ToDictionary(shop => shop, _ => 0L);
            while (expected.Values.Sum() < expected.Count * 480)
            {
                await Log.WaitForNewsAsync(partition, position, Cancelled).WaitAsync(Patience, Cancelled);
                foreach (var entry in await Log.ReadPartitionAsync(partition, position, 50, Cancelled))
                {
                    Assert.True(entry.Position > position);
                    position = entry.Position;
                    Assert.Equal(++expected[entry.Event.OrganizationId], entry.Event.Sequence);
                }
            }
        })).ToArray();
        await appending;
        await Task.WhenAll(reading);
        foreach (var shop in shops)
        {
            var all = new List<OrderEvent>();
            while (await Log.ReadOrganizationAsync(shop, all.Count, 100, Cancelled) is { Count: > 0 } page)
            {
                all.AddRange(page);
            }

            Assert.Equal(Enumerable.Range(1, 480).Select(n => (long)n), all.Select(e => e.Sequence));
            Assert.All(all.GroupBy(e => e.OrderId), order =>
                Assert.Equal(Enumerable.Range(1, order.Count()).Select(n => (long)n), order.Select(e => e.Version)));
        }
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
    public async Task News_wakes_those_who_wait_for_that_partition_and_cancelling_ends_a_wait()
    {
        var partition = Log.PartitionOf("shop");
        using var cancel = new CancellationTokenSource();
        var cancelled = Log.WaitForNewsAsync(partition, 0, cancel.Token);
        var waiting = Log.WaitForNewsAsync(partition, 0, Cancelled);
        Assert.False(waiting.IsCompleted);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        await AppendAsync("shop", "o-1");
        await waiting.WaitAsync(Patience, Cancelled);
        await Log.WaitForNewsAsync(partition, 0, Cancelled).WaitAsync(Patience, Cancelled);
        await ReopenAsync();
        await Log.WaitForNewsAsync(partition, 0, Cancelled).WaitAsync(Patience, Cancelled);
    }

    [Fact]
    public async Task Checkpoints_begin_at_zero_and_only_move_forward()
    {
        Assert.Equal(0, await Log.GetCheckpointAsync(0, Cancelled));
        await Log.SaveCheckpointAsync(0, 10, Log.Epoch, Cancelled);
        await Log.SaveCheckpointAsync(0, 7, Log.Epoch, Cancelled);
        await ReopenAsync();
        Assert.Equal(10, await Log.GetCheckpointAsync(0, Cancelled));
    }

    [Fact]
    public async Task After_reopening_the_numbers_go_on()
    {
        var before = await AppendAsync("shop", "o-1", "o-1");
        var last = (await Log.ReadPartitionAsync(Log.PartitionOf("shop"), 0, 10, Cancelled))[^1].Position;
        await ReopenAsync();
        var after = (await AppendAsync("shop", "o-1"))[0];
        Assert.Equal((before[1].Sequence + 1, before[1].Version + 1), (after.Sequence, after.Version));
        Assert.True((await Log.ReadPartitionAsync(Log.PartitionOf("shop"), last, 10, Cancelled))[0].Position > last);
    }

    [Fact]
    public void An_organization_s_partition_never_changes() => Assert.All(
        Enumerable.Range(0, 100), i => Assert.InRange(Log.PartitionOf($"shop-{i}"), 0, Log.PartitionCount - 1));

    [Fact]
    public async Task An_organization_keeps_its_newest_and_its_mark_says_from_where_on()
    {
        await AppendAsync("shop", "o-1", "o-2", "o-3", "o-4", "o-5");
        await AppendAsync("shop", [.. Enumerable.Range(1, 10).Select(i => $"n-{i}")]);
        await AppendAsync("other", "p-1", "p-2");
        await DeliverAsync();
        await TrimAsync(Limits with { MaxPerOrder = 1 });
        await ReopenAsync();
        Assert.Equal(new OrganizationHead(15, 6), await Log.GetOrganizationHeadAsync("shop", Cancelled));
        Assert.Equal(new OrganizationHead(2, 1), await Log.GetOrganizationHeadAsync("other", Cancelled));
        // What is kept for its order is not read organization-wide, wherever the reading begins.
        Assert.Equal(Numbers(6, 15), (await Log.ReadOrganizationAsync("shop", 0, 100, Cancelled)).Select(e => e.Sequence));
        Assert.Equal(Numbers(6, 7), (await Log.ReadOrganizationAsync("shop", 3, 2, Cancelled)).Select(e => e.Sequence));
        Assert.Equal(Numbers(9, 15), (await Log.ReadOrganizationAsync("shop", 8, 100, Cancelled)).Select(e => e.Sequence));
        Assert.Equal(1, Assert.Single(await Log.ReadOrderAsync("shop", "o-1", 0, 10, Cancelled)).Sequence);
        Assert.Equal(17, await CountAsync());
    }

    [Fact]
    public async Task An_order_s_short_history_survives_its_organization_s_cut_and_a_long_one_goes_from_the_front()
    {
        await AppendAsync("shop", "short", "long", "long", "short");
        await AppendAsync("shop", "long", "long", "long", "long");
        await AppendAsync("shop", [.. Enumerable.Repeat("busy", 20)]);
        await DeliverAsync();
        await TrimAsync(Limits);
        Assert.Equal(new OrganizationHead(28, 19), await Log.GetOrganizationHeadAsync("shop", Cancelled));
        Assert.Equal(new OrderHead(2, 1), await Log.GetOrderHeadAsync("shop", "short", Cancelled));
        Assert.Equal(new OrderHead(6, 4), await Log.GetOrderHeadAsync("shop", "long", Cancelled));
        Assert.Equal(new OrderHead(20, 11), await Log.GetOrderHeadAsync("shop", "busy", Cancelled));
        Assert.Equal(Numbers(1, 2), (await Log.ReadOrderAsync("shop", "short", 0, 10, Cancelled)).Select(e => e.Version));
        Assert.Equal(Numbers(4, 6), (await Log.ReadOrderAsync("shop", "long", 0, 10, Cancelled)).Select(e => e.Version));
        // Versions that come later push the order's older ones out, once the organization has moved past them.
        await AppendAsync("shop", "long", "long");
        await AppendAsync("shop", [.. Enumerable.Repeat("busy", 10)]);
        await DeliverAsync();
        await TrimAsync(Limits);
        Assert.Equal(Numbers(6, 8), (await Log.ReadOrderAsync("shop", "long", 0, 10, Cancelled)).Select(e => e.Version));
        Assert.Equal(new OrderHead(2, 1), await Log.GetOrderHeadAsync("shop", "short", Cancelled));
    }

    [Fact]
    public async Task Age_counts_from_the_commit_and_takes_everything_with_it()
    {
        await Log.AppendAsync("shop", [Event("o-1", "e-1", "s") with { OccurredAt = Time.GetUtcNow().AddYears(-9) }], Cancelled);
        await AppendAsync("shop", "o-1", "o-2");
        await DeliverAsync();
        await TrimAsync(Limits);
        Time.Advance(Limits.AgePrecision);
        await AppendAsync("shop", "o-1");
        await AppendAsync("other", "p-1");
        await DeliverAsync();
        await TrimAsync(Limits);
        await ReopenAsync();
        Time.Advance(Limits.MaxAge - Limits.AgePrecision - TimeSpan.FromSeconds(1));
        await TrimAsync(Limits);
        Assert.Equal(5, await CountAsync());
        Time.Advance(TimeSpan.FromSeconds(1));
        await TrimAsync(Limits);
        Assert.Equal(new OrganizationHead(4, 4), await Log.GetOrganizationHeadAsync("shop", Cancelled));
        Assert.Equal(new OrderHead(3, 3), await Log.GetOrderHeadAsync("shop", "o-1", Cancelled));
        Assert.Equal(new OrderHead(1, 2), await Log.GetOrderHeadAsync("shop", "o-2", Cancelled));
        Assert.Empty(await Log.ReadOrderAsync("shop", "o-2", 0, 10, Cancelled));
        Time.Advance(Limits.AgePrecision);
        await TrimAsync(Limits);
        Assert.Equal(0, await CountAsync());
        Assert.Equal(new OrganizationHead(4, 5), await Log.GetOrganizationHeadAsync("shop", Cancelled));
        Assert.Equal(new OrganizationHead(1, 2), await Log.GetOrganizationHeadAsync("other", Cancelled));
    }

    [Fact]
    public async Task Age_is_told_apart_as_finely_as_the_precision_says_and_no_finer()
    {
        await AppendAsync("shop", "o-1");
        await DeliverAsync();
        await TrimAsync(Limits);
        Time.Advance(Limits.AgePrecision / 2);
        await AppendAsync("shop", "o-1");
        await DeliverAsync();
        await TrimAsync(Limits);
        Time.Advance(Limits.AgePrecision / 2);
        await TrimAsync(Limits);
        Time.Advance(Limits.MaxAge - (Limits.AgePrecision / 2));
        await TrimAsync(Limits);
        Assert.Equal(2, (await Log.GetOrganizationHeadAsync("shop", Cancelled)).Earliest);
        Time.Advance(Limits.AgePrecision / 2);
        await TrimAsync(Limits);
        Assert.Equal(3, (await Log.GetOrganizationHeadAsync("shop", Cancelled)).Earliest);
    }

    [Fact]
    public async Task A_clock_that_was_set_back_does_not_keep_events_until_it_is_reached_again()
    {
        await AppendAsync("shop", "o-1");
        await DeliverAsync();
        Time.AdjustTime(Time.Start.AddYears(9));
        await TrimAsync(Limits);
        Time.AdjustTime(Time.Start);
        await TrimAsync(Limits);
        Time.Advance(Limits.MaxAge);
        await TrimAsync(Limits);
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task What_has_not_been_delivered_stays()
    {
        var orders = Enumerable.Repeat("o-1", 20).ToArray();
        await AppendAsync("shop", orders);
        await AppendAsync("other", [.. orders.Select((_, i) => $"p-{i}")]);
        await TrimAsync(Limits);
        Time.Advance(Limits.MaxAge);
        await TrimAsync(Limits);
        Assert.Equal(40, await CountAsync());
        Assert.Equal(new OrganizationHead(20, 1), await Log.GetOrganizationHeadAsync("shop", Cancelled));
        var partition = Log.PartitionOf("shop");
        var fifth = (await Log.ReadPartitionAsync(partition, 0, 5, Cancelled))[4].Position;
        await Log.SaveCheckpointAsync(partition, fifth, Log.Epoch, Cancelled);
        await TrimAsync(Limits with { MaxAge = TimeSpan.FromDays(1000) });
        Assert.Equal(new OrganizationHead(20, 6), await Log.GetOrganizationHeadAsync("shop", Cancelled));
        await Log.SaveCheckpointAsync(partition, fifth + 1, Log.Epoch, Cancelled);
        await TrimAsync(Limits);
        Assert.Equal(new OrganizationHead(20, 7), await Log.GetOrganizationHeadAsync("shop", Cancelled));
        Assert.Equal(34, await CountAsync());
    }

    [Fact]
    public async Task Ids_are_forgotten_with_their_events_and_numbers_and_owners_are_not()
    {
        await Log.AppendAsync("shop", [Event("o-1", "e-1", "s"), Event("o-1", "e-2", "s")], Cancelled);
        await DeliverAsync();
        var position = (await Log.ReadPartitionAsync(Log.PartitionOf("shop"), 0, 10, Cancelled))[^1].Position;
        Assert.Equal(1, (await Log.AppendAsync("shop", [Event("o-1", "e-1", "s")], Cancelled))[0].Version);
        await TrimAsync(Limits);
        Time.Advance(Limits.MaxAge);
        await TrimAsync(Limits);
        Assert.Null(await Log.FindAsync("shop", "e-1", Cancelled));
        await ReopenAsync();
        await Assert.ThrowsAsync<OrderOwnershipException>(() => AppendAsync("other", "o-1"));
        var again = (await Log.AppendAsync("shop", [Event("o-1", "e-1", "s")], Cancelled))[0];
        Assert.Equal((3L, 3L), (again.Sequence, again.Version));
        Assert.Equal(new OrderHead(3, 3), await Log.GetOrderHeadAsync("shop", "o-1", Cancelled));
        Assert.Equal(again, Assert.Single(await Log.ReadOrganizationAsync("shop", 0, 10, Cancelled)));
        await Log.WaitForNewsAsync(Log.PartitionOf("shop"), position, Cancelled).WaitAsync(Patience, Cancelled);
        Assert.True((await Log.ReadPartitionAsync(Log.PartitionOf("shop"), position, 10, Cancelled))[0].Position > position);
    }

    [Fact]
    public async Task A_batch_is_bounded_whether_it_removes_much_or_passes_much_by()
    {
        foreach (var _ in Enumerable.Range(0, 3))
        {
            await AppendAsync("one", [.. Enumerable.Repeat("long", 1000)]);
            await AppendAsync("many", [.. Enumerable.Range(0, 1000).Select(i => $"short-{i}")]);
        }

        await DeliverAsync();
        var before = await CountAsync();
        var batches = 0;
        for (var isMore = true; isMore; batches++)
        {
            var mark = await Log.GetOrganizationHeadAsync("many", Cancelled);
            isMore = await Log.TrimAsync(Limits, Cancelled);
            var after = await CountAsync();
            Assert.InRange(before - after, 0, 500);
            Assert.InRange((await Log.GetOrganizationHeadAsync("many", Cancelled)).Earliest - mark.Earliest, 0, 500);
            before = after;
        }

        Assert.InRange(batches, 6000 / 500, 6000 / 10);
        Assert.Equal(10 + 3000, before);
        Assert.Equal(new OrderHead(3000, 2991), await Log.GetOrderHeadAsync("one", "long", Cancelled));
        Assert.Equal(2991, (await Log.GetOrganizationHeadAsync("many", Cancelled)).Earliest);
    }

    [Fact]
    public async Task A_large_excess_of_one_order_goes_in_batches_that_leave_no_hole()
    {
        await AppendAsync("shop", [.. Enumerable.Repeat("long", 1000)]);
        await AppendAsync("shop", [.. Enumerable.Range(0, 10).Select(i => $"short-{i}")]);
        await DeliverAsync();
        await TrimAsync(Limits with { MaxPerOrder = 1_000_000 });
        Assert.Equal(1010, await CountAsync());
        Assert.Equal(1001, (await Log.GetOrganizationHeadAsync("shop", Cancelled)).Earliest);
        // The setting is lowered; the next event of the order that the mark passes takes the excess with it.
        await AppendAsync("shop", "long");
        await AppendAsync("shop", [.. Enumerable.Range(0, 10).Select(i => $"short-{i}")]);
        await DeliverAsync();
        while (await Log.TrimAsync(Limits, Cancelled))
        {
            var order = await Log.ReadOrderAsync("shop", "long", 0, 1000, Cancelled);
            Assert.Equal(Numbers(order[0].Version, order[^1].Version), order.Select(e => e.Version));
            var shop = await Log.ReadOrganizationAsync("shop", 0, 1000, Cancelled);
            Assert.Equal(Numbers(shop[0].Sequence, 1021), shop.Select(e => e.Sequence));
        }

        Assert.Equal(Numbers(999, 1001), (await Log.ReadOrderAsync("shop", "long", 0, 1000, Cancelled)).Select(e => e.Version));
        Assert.Equal(new OrganizationHead(1021, 1012), await Log.GetOrganizationHeadAsync("shop", Cancelled));
        Assert.Equal(23, await CountAsync());
    }

    [Fact]
    public async Task Publishers_and_readers_go_on_while_events_are_removed()
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        string[] shops = ["a", "b", "c"];
        var trimming = Task.Run(async () =>
        {
            while (!ended.IsCancellationRequested)
            {
                await DeliverAsync();
                await Log.TrimAsync(Limits, Cancelled);
            }
        }, Cancelled);
        var reading = shops.Select(shop => Task.Run(async () =>
        {
            while (!ended.IsCancellationRequested)
            {
                var feed = (await Log.ReadOrganizationAsync(shop, 0, 1000, Cancelled)).Select(e => e.Sequence).ToArray();
                var order = (await Log.ReadOrderAsync(shop, $"{shop}-1", 0, 1000, Cancelled)).Select(e => e.Version).ToArray();
                Assert.True(feed.Length == 0 || feed.SequenceEqual(Numbers(feed[0], feed[^1])), $"{shop} has a hole");
                Assert.True(order.Length == 0 || order.SequenceEqual(Numbers(order[0], order[^1])), $"{shop}-1 has a hole");
                Assert.True(feed is [] or [1, ..] || feed.Length >= 10, $"{shop} has fewer than it keeps");
            }
        }, Cancelled)).ToArray();
        await Task.WhenAll(shops.Select(shop => Task.Run(async () =>
        {
            for (var i = 1; i <= 200; i++)
            {
                var stored = await AppendAsync(shop, $"{shop}-1", $"{shop}-{i}", $"{shop}-{i % 5}");
                Assert.Equal(Numbers((i * 3) - 2, i * 3), stored.Select(e => e.Sequence));
            }
        })));
        await ended.CancelAsync();
        await trimming;
        await Task.WhenAll(reading);
        await DeliverAsync();
        await TrimAsync(Limits);
        foreach (var shop in shops)
        {
            Assert.Equal(new OrganizationHead(600, 591), await Log.GetOrganizationHeadAsync(shop, Cancelled));
            Assert.Equal(Numbers(591, 600), (await Log.ReadOrganizationAsync(shop, 0, 1000, Cancelled)).Select(e => e.Sequence));
        }
    }

    protected static OrderStatusEvent Event(string order, string id, string status) => new() { OrderId = order, Id = id, Status = status };

    protected async Task<IReadOnlyList<OrderEvent>> AppendAsync(string organization, params string[] orders) => await Log.AppendAsync(
        organization, [.. orders.Select(order => new OrderStatusEvent { OrderId = order, Status = "s" })], Cancelled);

    private static IEnumerable<long> Numbers(long first, long last)
    {
        for (var n = first; n <= last; n++)
        {
            yield return n;
        }
    }

    private async Task TrimAsync(RetentionLimits limits)
    {
        while (await Log.TrimAsync(limits, Cancelled))
        {
        }
    }

    /// <summary>Everything counts as delivered.</summary>
    private async Task DeliverAsync()
    {
        for (var partition = 0; partition < Log.PartitionCount; partition++)
        {
            var checkpoint = await Log.GetCheckpointAsync(partition, Cancelled);
            while (await Log.ReadPartitionAsync(partition, checkpoint, 1000, Cancelled) is [.., var last])
            {
                checkpoint = last.Position;
            }

            await Log.SaveCheckpointAsync(partition, checkpoint, Log.Epoch, Cancelled);
        }
    }

    /// <summary>How many events are kept, for whatever reason.</summary>
    private async Task<int> CountAsync()
    {
        var count = 0;
        for (var partition = 0; partition < Log.PartitionCount; partition++)
        {
            var position = 0L;
            while (await Log.ReadPartitionAsync(partition, position, 1000, Cancelled) is { Count: > 0 } page)
            {
                count += page.Count;
                position = page[^1].Position;
            }
        }

        return count;
    }
}
