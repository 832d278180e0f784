using OrdersActors.Storage;

namespace OrdersActors.Tests.Storage.EventLog;

/// <summary>Retention: which events are removed, and which numbers stay.</summary>
public abstract class RetentionContract(EventLogHarness harness) : EventLogContract(harness)
{
    [Fact]
    public async Task Organization_keeps_its_newest_events_and_its_head_names_the_earliest()
    {
        await AppendAsync("shop", "o-1", "o-2", "o-3", "o-4", "o-5");
        await AppendAsync("shop", [.. Enumerable.Range(1, 10).Select(i => $"n-{i}")]);
        await AppendAsync("other", "p-1", "p-2");
        await DeliverAsync();
        await TrimAsync(Limits with { MaxPerOrder = 1 });
        await ReopenAsync();
        Assert.Equal(new OrganizationHead(15, 6), await Log.GetOrganizationHeadAsync("shop", Cancelled));
        Assert.Equal(new OrganizationHead(2, 1), await Log.GetOrganizationHeadAsync("other", Cancelled));
        // An event that is kept only for its order is never read through the organization, from any starting point.
        Assert.Equal(
            Numbers(6, 15), (await Log.ReadOrganizationAsync("shop", 0, 100, Cancelled)).Select(e => e.Sequence));
        Assert.Equal(Numbers(6, 7), (await Log.ReadOrganizationAsync("shop", 3, 2, Cancelled)).Select(e => e.Sequence));
        Assert.Equal(
            Numbers(9, 15), (await Log.ReadOrganizationAsync("shop", 8, 100, Cancelled)).Select(e => e.Sequence));
        Assert.Equal(1, Assert.Single(await Log.ReadOrderAsync("shop", "o-1", 0, 10, Cancelled)).Sequence);
        Assert.Equal(17, await CountAsync());
    }

    [Fact]
    public async Task Short_history_of_an_order_survives_the_organizations_trim_and_a_long_one_loses_its_oldest_events()
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
        Assert.Equal(
            Numbers(1, 2), (await Log.ReadOrderAsync("shop", "short", 0, 10, Cancelled)).Select(e => e.Version));
        Assert.Equal(
            Numbers(4, 6), (await Log.ReadOrderAsync("shop", "long", 0, 10, Cancelled)).Select(e => e.Version));
        // Later versions displace the order's older ones after the organization has moved past them.
        await AppendAsync("shop", "long", "long");
        await AppendAsync("shop", [.. Enumerable.Repeat("busy", 10)]);
        await DeliverAsync();
        await TrimAsync(Limits);
        Assert.Equal(
            Numbers(6, 8), (await Log.ReadOrderAsync("shop", "long", 0, 10, Cancelled)).Select(e => e.Version));
        Assert.Equal(new OrderHead(2, 1), await Log.GetOrderHeadAsync("shop", "short", Cancelled));
    }

    [Fact]
    public async Task Age_counts_from_the_commit_and_removes_everything()
    {
        await Log.AppendAsync(
            "shop", [Event("o-1", "e-1", "s") with { OccurredAt = Time.GetUtcNow().AddYears(-9) }], Cancelled);
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
    public async Task Age_has_the_configured_precision()
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
    public async Task Clock_set_back_does_not_keep_events_longer()
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
    public async Task Undelivered_events_are_kept()
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
    public async Task Ids_are_forgotten_with_their_events_and_numbers_are_not()
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
        var again = (await Log.AppendAsync("shop", [Event("o-1", "e-1", "s")], Cancelled))[0];
        Assert.Equal((3L, 3L), (again.Sequence, again.Version));
        Assert.Equal(new OrderHead(3, 3), await Log.GetOrderHeadAsync("shop", "o-1", Cancelled));
        Assert.Equal(again, Assert.Single(await Log.ReadOrganizationAsync("shop", 0, 10, Cancelled)));
        await Log.WaitForEventsAsync(Log.PartitionOf("shop"), position, Cancelled).WaitAsync(Timeout, Cancelled);
        Assert.True(
            (await Log.ReadPartitionAsync(Log.PartitionOf("shop"), position, 10, Cancelled))[0].Position > position);
    }

    [Fact]
    public async Task Batch_is_bounded_in_removed_and_in_skipped_events()
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
            isMore = (await Log.TrimAsync(Limits, Cancelled)).IsMore;
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
    public async Task Large_excess_of_one_order_is_removed_in_batches_without_gaps()
    {
        await AppendAsync("shop", [.. Enumerable.Repeat("long", 1000)]);
        await AppendAsync("shop", [.. Enumerable.Range(0, 10).Select(i => $"short-{i}")]);
        await DeliverAsync();
        await TrimAsync(Limits with { MaxPerOrder = 1_000_000 });
        Assert.Equal(1010, await CountAsync());
        Assert.Equal(1001, (await Log.GetOrganizationHeadAsync("shop", Cancelled)).Earliest);
        // The setting is lowered. When the trim passes the order's next event, it removes the excess as well.
        await AppendAsync("shop", "long");
        await AppendAsync("shop", [.. Enumerable.Range(0, 10).Select(i => $"short-{i}")]);
        await DeliverAsync();
        while ((await Log.TrimAsync(Limits, Cancelled)).IsMore)
        {
            var order = await Log.ReadOrderAsync("shop", "long", 0, 1000, Cancelled);
            Assert.Equal(Numbers(order[0].Version, order[^1].Version), order.Select(e => e.Version));
            var shop = await Log.ReadOrganizationAsync("shop", 0, 1000, Cancelled);
            Assert.Equal(Numbers(shop[0].Sequence, 1021), shop.Select(e => e.Sequence));
        }

        Assert.Equal(
            Numbers(999, 1001), (await Log.ReadOrderAsync("shop", "long", 0, 1000, Cancelled)).Select(e => e.Version));
        Assert.Equal(new OrganizationHead(1021, 1012), await Log.GetOrganizationHeadAsync("shop", Cancelled));
        Assert.Equal(23, await CountAsync());
    }

    [Fact]
    public async Task Publishers_and_readers_continue_while_events_are_removed()
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
                var feed = (await Log.ReadOrganizationAsync(shop, 0, 1000, Cancelled)).Select(e => e.Sequence)
                    .ToArray();
                var order = (await Log.ReadOrderAsync(shop, $"{shop}-1", 0, 1000, Cancelled)).Select(e => e.Version)
                    .ToArray();
                Assert.True(feed.Length == 0 || feed.SequenceEqual(Numbers(feed[0], feed[^1])), $"{shop} has a gap");
                Assert.True(
                    order.Length == 0 || order.SequenceEqual(Numbers(order[0], order[^1])), $"{shop}-1 has a gap");
                Assert.True(feed is [] or [1, ..] || feed.Length >= 10, $"{shop} has fewer events than it must keep");
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
            Assert.Equal(
                Numbers(591, 600), (await Log.ReadOrganizationAsync(shop, 0, 1000, Cancelled)).Select(e => e.Sequence));
        }
    }
}
