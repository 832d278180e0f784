using Microsoft.Extensions.Time.Testing;
using OrdersActors.Storage;

namespace OrdersActors.Tests.Storage;

/// <summary>
/// The requirements for every event log. The test class of an implementation derives from this and opens its log.
/// </summary>
public abstract partial class EventLogContract : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly RetentionLimits Limits = new(TimeSpan.FromDays(30), 10, 3, TimeSpan.FromMinutes(1));
    private IEventLog? _log;

    protected IEventLog Log => _log!;

    /// <summary>The log's clock.</summary>
    protected FakeTimeProvider Time { get; } = new();

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Opens the test's log: a new one at first, and the same one after it was closed.</summary>
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
    public async Task Appended_event_is_returned_as_it_is_read_later()
    {
        var published = new OrderStatusEvent
        {
            Id = "e-1", OrderId = "o-ä☕", Status = "ünterwegs", Details = """{ "a" : 1.50, "b": "☕" }""",
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

    [Theory]
    [InlineData("", "s", "e", null, "order_id")]
    [InlineData("o", "", "e", null, "status")]
    [InlineData("o", "s", "", null, "id")]
    [InlineData("o", "s", "e", "[]", "details")]
    [InlineData("o", "s", "e", "{", "details")]
    [InlineData("o\n", "s", "e", null, "order_id")]
    public async Task Invalid_field_is_named_and_nothing_is_stored(
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
        await FieldAsync(
            "details", "s", Event("o", "e", "s") with { Details = $$"""{"x":"{{new string('x', 65_529)}}"}""" });
        await FieldAsync("events", "s");
        await FieldAsync("events", "s", [.. Enumerable.Range(0, 1001).Select(i => Event("o", $"e-{i}", "s"))]);

        async Task FieldAsync(string field, string organization, params OrderStatusEvent[] events) => Assert.Equal(
            field,
            (await Assert.ThrowsAsync<InvalidOrderEventException>(
                () => Log.AppendAsync(organization, events, Cancelled))).Field);
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
    public async Task News_wakes_the_waiters_for_that_partition_and_cancellation_ends_a_wait()
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
    public void Partition_of_an_organization_is_in_range() => Assert.All(
        Enumerable.Range(0, 100), i => Assert.InRange(Log.PartitionOf($"shop-{i}"), 0, Log.PartitionCount - 1));

    protected static OrderStatusEvent Event(string order, string id, string status) =>
        new() { OrderId = order, Id = id, Status = status };

    protected async Task<IReadOnlyList<OrderEvent>> AppendAsync(string organization, params string[] orders) =>
        await Log.AppendAsync(
            organization, [.. orders.Select(order => new OrderStatusEvent { OrderId = order, Status = "s" })],
            Cancelled);

    private async Task TrimAsync(RetentionLimits limits)
    {
        while ((await Log.TrimAsync(limits, Cancelled)).IsMore)
        {
        }
    }

    /// <summary>Saves checkpoints so that all events count as delivered.</summary>
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

    /// <summary>The number of kept events.</summary>
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
