using OrdersActors.Storage;

namespace OrdersActors.Tests.Storage.EventLog;

/// <summary>Versions and sequences have no gaps, even if several processes append.</summary>
public abstract class NumberingContract(EventLogHarness harness) : EventLogContract(harness)
{
    [Fact]
    public async Task Versions_and_sequences_count_from_one_without_gaps()
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
    public async Task Numbers_continue_after_reopening()
    {
        var before = await AppendAsync("shop", "o-1", "o-1");
        var last = (await Log.ReadPartitionAsync(Log.PartitionOf("shop"), 0, 10, Cancelled))[^1].Position;
        await ReopenAsync();
        var after = (await AppendAsync("shop", "o-1"))[0];
        Assert.Equal((before[1].Sequence + 1, before[1].Version + 1), (after.Sequence, after.Version));
        Assert.True((await Log.ReadPartitionAsync(Log.PartitionOf("shop"), last, 10, Cancelled))[0].Position > last);
    }

    [Fact]
    public async Task Parallel_appends_number_without_gaps_and_readers_see_numbers_in_order()
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
                await Log.WaitForEventsAsync(partition, position, Cancelled).WaitAsync(Timeout, Cancelled);
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
}
