using System.Diagnostics;
using OrdersActors.Checker.Judging;
using OrdersActors.Checker.Reporting;
using OrdersActors.Checker.World;
using OrdersActors.Publishing;
using OrdersActors.TestServer;

namespace OrdersActors.Checker.Publishing;

/// <summary>
/// A service that publishes for all organizations, one call after the other: single events, batches, now and then a burst of
/// large ones, and now and then something that must be refused. What fails is repeated under the same ids.
/// </summary>
internal sealed class Publisher(
    Map map, Ledger ledger, PublishingService service, CheckOptions options, RunCounts counts, int index, int seed)
{
    // More in all than the kernel's buffers (4 MB at most by default) and the queue of a client that does not read (1 MiB), in
    // pieces of 900 KB that each fit into the queue of one that does.
    private const int BurstSize = 15;
    private const int BurstPieces = 6;
    private static readonly TimeSpan BurstEvery = TimeSpan.FromSeconds(15);

    private readonly Random _random = new(seed);
    private readonly EventMaker _maker = new(map, index);

    // By shop, the id of an event that is known to be stored.
    private readonly Dictionary<int, string> _stored = [];

    /// <summary>One event for each order, so that clients can subscribe to it.</summary>
    public async Task CreateOrdersAsync(CancellationToken giveUp)
    {
        foreach (var shop in map.Shops)
        {
            await PublishAsync(shop, [.. map.OrdersOf(shop).Select(order => _maker.Make(shop, order))], giveUp);
        }
    }

    /// <summary>Until it is told to stop; what is under way then is still repeated until it is known or it has to give up.</summary>
    public async Task RunAsync(CancellationToken stop, CancellationToken giveUp)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var burstAt = BurstEvery / 2;
        var count = 0;
        while (!stop.IsCancellationRequested)
        {
            var elapsed = Stopwatch.GetElapsedTime(startedAt);
            var due = TimeSpan.FromSeconds((double)count * options.Publishers / options.Rate);
            if (due > elapsed)
            {
                await Task.Delay(due - elapsed, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            var shop = map.Shops[_random.Next(map.Shops.Count)];
            if (index == 0 && options.Stall > 0 && elapsed > burstAt)
            {
                burstAt = elapsed + BurstEvery;
                for (var piece = 0; piece < BurstPieces; piece++)
                {
                    await PublishAsync(map.Shops[0], Batch(map.Shops[0], BurstSize, 60_000), giveUp);
                }
            }
            else if (_random.Next(50) == 0 && _stored.ContainsKey(shop.Index))
            {
                await PublishBadAsync(shop);
            }
            else
            {
                var events = Batch(shop, _random.Next(4) == 0 ? _random.Next(2, 20) : 1, 0);
                count += events.Length;
                await PublishAsync(shop, events, giveUp);
            }
        }
    }

    private async Task PublishAsync(Shop shop, (OrderStatusEvent Event, PublishedEvent Known)[] events, CancellationToken giveUp)
    {
        PublishedEvent[] known = [.. events.Select(e => e.Known)];
        ledger.Add(known);
        while (!giveUp.IsCancellationRequested)
        {
            try
            {
                await (events is [{ Event: var single, Known: _ }]
                    ? service.Publisher.PublishAsync(shop.Id, single, giveUp)
                    : service.Publisher.PublishAsync(shop.Id, [.. events.Select(e => e.Event)], giveUp));
                ledger.Settle(known, Outcome.Acknowledged);
                _stored[shop.Index] = known[^1].Id;
                return;
            }
            catch (PublishFailedException)
            {
                // Nobody knows whether it is stored; again under the same ids.
                counts.GivenUp();
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Publishes what must be refused. If the server cannot be reached it is not repeated.</summary>
    private async Task PublishBadAsync(Shop shop)
    {
        var own = Order(shop);
        var tooLong = new string('s', OrderEventRules.MaxStatusLength + 1);
        (OrderStatusEvent Event, PublishedEvent Known)[] events = _random.Next(4) switch
        {
            0 or 1 => [_maker.Make(shop, own, isBad: true, status: tooLong)],
            // A stored event may be gone when history is rewritten, and its id is free then.
            _ when options.LoseCommits > 0 => [_maker.Make(shop, own, isBad: true), _maker.Make(shop, own, isBad: true, status: tooLong)],
            2 => [_maker.MakeConflict(shop, own, _stored[shop.Index])],
            _ => [_maker.Make(shop, own, isBad: true), _maker.MakeConflict(shop, own, _stored[shop.Index]), _maker.Make(shop, own, isBad: true)],
        };
        PublishedEvent[] known = [.. events.Select(e => e.Known)];
        ledger.Add(known);
        try
        {
            OrderStatusEvent[] batch = [.. events.Select(e => e.Event)];
            // The library refuses a status by itself; not every service uses it.
            await (_random.Next(2) == 0
                ? service.Grains.GetGrain<IEventWriterGrain>(0).Append(shop.Id, batch)
                : service.Publisher.PublishAsync(shop.Id, batch));
            ledger.Settle(known, Outcome.Acknowledged);
        }
        catch (Exception e) when (e is InvalidOrderEventException or EventConflictException)
        {
            ledger.Settle(known, Outcome.Refused);
        }
        catch (Exception e) when (e is PublishFailedException or EventLogUnavailableException or OrleansException or TimeoutException or IOException)
        {
            // Whatever became of it, it may not be stored.
        }
    }

    private (OrderStatusEvent Event, PublishedEvent Known)[] Batch(Shop shop, int count, int size) =>
        [.. Enumerable.Range(0, count).Select(_ => _maker.Make(shop, Order(shop), size))];

    private int Order(Shop shop)
    {
        var orders = (map.Orders.Count - shop.Index + map.Shops.Count - 1) / map.Shops.Count;
        return shop.Index + (_random.Next(orders) * map.Shops.Count);
    }
}
