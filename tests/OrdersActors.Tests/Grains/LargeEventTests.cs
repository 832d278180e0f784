using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using OrdersActors.Streaming.Batches;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Grains;

/// <summary>Messages and queues are bounded in bytes, so events of 64 KiB count with their size.</summary>
public sealed class LargeEventTests(LargeEventTests.MeasuredCluster cluster)
    : IClassFixture<LargeEventTests.MeasuredCluster>
{
    private const int Count = 300;
    private const int MaxCall = 1024 * 1024;
    private readonly string _shop = OrderCluster.NewOrganization();

    /// <summary>A cluster that measures the messages of its silos.</summary>
    public sealed class MeasuredCluster : OrderCluster, IOutgoingGrainCallFilter
    {
        public ConcurrentQueue<(string Method, long Bytes)> Sent { get; } = [];

        public Task Invoke(IOutgoingGrainCallContext context)
        {
            for (var i = 0; i < context.Request.GetArgumentCount(); i++)
            {
                switch (context.Request.GetArgument(i))
                {
                    case EncodedOrderEvent[] events:
                        Sent.Enqueue((context.MethodName, events.Sum(e => (long)e.Json.Length)));
                        break;
                    case OrganizationBatch batch:
                        Sent.Enqueue((context.MethodName, batch.Batch.Events.Sum(e => (long)(e.Details?.Length ?? 0))));
                        break;
                }
            }

            return context.Invoke();
        }

        protected override void Configure(ISiloBuilder silo) =>
            silo.Services.AddSingleton<IOutgoingGrainCallFilter>(this);
    }

    [Fact]
    public async Task No_message_is_much_larger_than_a_mebibyte_and_all_events_arrive()
    {
        await PublishAsync(1);
        await using var shop = new InProcessClient(cluster, maxQueuedBytes: 256 * 1024 * 1024);
        await shop.SubscribeAsync(new FeedKey(_shop, null));
        await using var shopper = new InProcessClient(cluster, maxQueuedBytes: 256 * 1024 * 1024);
        await shopper.SubscribeAsync(new FeedKey(_shop, Order));
        await PublishAsync(Count);
        await Eventually.Equal(Numbers(2, Count + 1), () => shop.Events.Select(e => e.Sequence ?? 0));
        await Eventually.Equal(Numbers(2, Count + 1), () => shopper.Events.Select(e => e.Version));
        foreach (var method in new[] { "DeliverBatch", "Deliver", "OnEvents" })
        {
            Assert.InRange(cluster.Sent.Where(call => call.Method == method).Max(call => call.Bytes), 60_000, MaxCall);
        }
    }

    [Fact]
    public async Task Replayed_page_has_at_most_about_a_mebibyte_and_at_least_one_event()
    {
        await PublishAsync(50);
        var replay = cluster.Grains.GetGrain<IReplayGrain>(0);
        var read = new List<long>();
        while (await replay.Read(new FeedKey(_shop, null), read.Count, 1000) is { Length: > 0 } page)
        {
            Assert.InRange(page.Sum(e => e.Json.Length), 1, MaxCall + (64 * 1024));
            read.AddRange(page.Select(e => e.Sequence));
        }

        Assert.Equal(Numbers(1, 50), read);
    }

    [Fact]
    public async Task Events_kept_for_an_unresponsive_front_end_take_a_few_mebibytes()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var observer = new RecordingObserver();
        long bytes = 0;
        observer.BeforeEvents = (_, events) =>
        {
            Interlocked.Add(ref bytes, events.Sum(e => e.Json.Length));
            return release.Task;
        };
        await cluster.Grains.GetGrain<IOrganizationGrain>(_shop)
            .Subscribe(_shop, cluster.Grains.CreateObjectReference<IOrderEventObserver>(observer));
        await PublishAsync(Count);
        await using var shop = new InProcessClient(cluster);
        await shop.SubscribeAsync(new FeedKey(_shop, null));
        await PublishAsync(1);
        await Eventually.Holds(() => shop.Events.Count > 0, () => "the last event was not received");
        release.SetResult();
        await Eventually.Holds(
            () => observer.NumbersOf(new FeedKey(_shop, null)) is [.., Count + 1], () =>
                "the newest event was not received");
        Assert.InRange(bytes, 1, 6 * 1024 * 1024);
    }

    private string Order => $"{_shop}/1";

    private async Task PublishAsync(int count)
    {
        // Characters outside of Latin-1, which take three bytes each in a message.
        var details = $"{{\"x\":\"{new string('\u20ac', 21_000)}\"}}";
        foreach (var batch in Enumerable.Range(0, count).Chunk(100))
        {
            await cluster.Log.AppendAsync(
                _shop, [.. batch.Select(_ => new OrderStatusEvent { OrderId = Order, Status = "s",
                    Details = details })],
                TestContext.Current.CancellationToken);
        }
    }
}
