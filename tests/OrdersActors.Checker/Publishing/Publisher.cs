using System.Diagnostics;
using OrdersActors.Checker.Judging;
using OrdersActors.Checker.Reporting;
using OrdersActors.Checker.World;
using OrdersActors.Publishing;
using OrdersActors.TestServer;

namespace OrdersActors.Checker.Publishing;

/// <summary>
/// A service that publishes for all organizations, one call after the other: single events, batches, sometimes a burst
/// of large events, and sometimes an event that must be refused. It retries a failed call with the same ids.
/// </summary>
internal sealed class Publisher(
    Map map, Ledger ledger, PublishingService service, CheckOptions options, RunCounts counts, int index, int seed)
{
    // A burst exceeds the kernel's buffers (4 MB at most by default) plus the queue (1 MiB) of a client that does not
    // read. Its pieces of 900 KB each fit into the queue of a client that does read.
    private const int BurstSize = 15;
    private const int BurstPieces = 6;
    private static readonly TimeSpan BurstEvery = TimeSpan.FromSeconds(15);

    private readonly Random _random = new(seed);
    private readonly EventMaker _maker = new(map, index);

    // The id of a stored event, by shop.
    private readonly Dictionary<int, string> _stored = [];

    /// <summary>Publishes one event for each order, so that clients can subscribe to it.</summary>
    public async Task CreateOrdersAsync(CancellationToken giveUp)
    {
        foreach (var shop in map.Shops)
        {
            await PublishAsync(shop, [.. map.OrdersOf(shop).Select(order => _maker.Make(shop, order))], giveUp);
        }
    }

    /// <summary>
    /// Runs until <paramref name="stop"/>. After that, it still retries the pending call until the outcome is known or
    /// <paramref name="giveUp"/> is cancelled.
    /// </summary>
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

    private async Task PublishAsync(
        Shop shop, (OrderStatusEvent Event, LedgerEvent Known)[] events, CancellationToken giveUp)
    {
        LedgerEvent[] known = [.. events.Select(e => e.Known)];
        ledger.Add(known);
        while (!giveUp.IsCancellationRequested)
        {
            try
            {
                ledger.Acknowledge(known, events is [{ Event: var single, Known: _ }]
                    ? [await service.Publisher.PublishAsync(shop.Id, single, giveUp)]
                    : await service.Publisher.PublishAsync(shop.Id, [.. events.Select(e => e.Event)], giveUp));
                _stored[shop.Index] = known[^1].Id;
                return;
            }
            catch (PublishFailedException)
            {
                // Unknown whether it is stored. Retry with the same ids.
                counts.GivenUp();
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Publishes events that must be refused. Does not retry if the server cannot be reached.</summary>
    private async Task PublishBadAsync(Shop shop)
    {
        var own = Order(shop);
        var tooLong = new string('s', OrderEventRules.MaxStatusLength + 1);
        (OrderStatusEvent Event, LedgerEvent Known)[] events = _random.Next(4) switch
        {
            0 or 1 => [_maker.Make(shop, own, isBad: true, status: tooLong)],
            // If history is rewritten, a stored event may be lost, and then its id is free.
            _ when options.LoseCommits > 0 =>
                [_maker.Make(shop, own, isBad: true), _maker.Make(shop, own, isBad: true, status: tooLong)],
            2 => [_maker.MakeConflict(shop, own, _stored[shop.Index])],
            _ => [_maker.Make(shop, own, isBad: true), _maker.MakeConflict(shop, own, _stored[shop.Index]),
                _maker.Make(shop, own, isBad: true)],
        };
        LedgerEvent[] known = [.. events.Select(e => e.Known)];
        ledger.Add(known);
        try
        {
            OrderStatusEvent[] batch = [.. events.Select(e => e.Event)];
            // The library itself refuses a bad status, but not every service uses the library. So half of the calls
            // bypass it.
            await (_random.Next(2) == 0
                ? service.Grains.GetGrain<IEventWriterGrain>(0).Append(shop.Id, batch)
                : service.Publisher.PublishAsync(shop.Id, batch));
            ledger.Settle(known, Outcome.Acknowledged);
        }
        catch (Exception e) when (e is InvalidOrderEventException or EventConflictException)
        {
            ledger.Settle(known, Outcome.Refused);
        }
        catch (Exception e) when (e is PublishFailedException or EventLogUnavailableException or OrleansException
            or TimeoutException or IOException)
        {
            // Whatever the outcome, the events must not be stored.
        }
    }

    private (OrderStatusEvent Event, LedgerEvent Known)[] Batch(Shop shop, int count, int size) =>
        [.. Enumerable.Range(0, count).Select(_ => _maker.Make(shop, Order(shop), size))];

    private int Order(Shop shop)
    {
        var orders = (map.Orders.Count - shop.Index + map.Shops.Count - 1) / map.Shops.Count;
        return shop.Index + (_random.Next(orders) * map.Shops.Count);
    }
}
