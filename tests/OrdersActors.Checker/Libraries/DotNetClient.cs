using System.Runtime.InteropServices;
using OrdersActors.Checker.Clients;
using OrdersActors.Checker.Reporting;
using OrdersActors.Checker.World;
using OrdersActors.Client;

namespace OrdersActors.Checker.Libraries;

/// <summary>A client of the library for .NET with its watches.</summary>
internal sealed class DotNetClient(
    LibraryPlan plan, Uri address, ClientEnvironment environment, LibraryCounts counts, Random random)
{
    // The least that the library permits, so that a reader that stops soon has no room.
    private const int SmallBuffer = 64 * 1024;

    // The library calls OnGap in the loop of the watch.
    private static readonly AsyncLocal<Watch?> Running = new();

    private readonly Watch[] _watches =
        [.. plan.Handlers.Select((_, i) => new Watch(plan, i, new Handler(plan, i, environment, counts)))];

    private readonly bool _stalls = random.NextDouble() < environment.Options.Stall;

    public IReadOnlyList<Handler> Handlers => Array.ConvertAll(_watches, watch => watch.Handler);

    /// <summary>Runs until the end of the run. Never fails.</summary>
    public async Task RunAsync()
    {
        await using var client = new OrdersClient(CreateOptions());
        client.StateChanged += (_, state) => OnState(state);
        await Task.WhenAll(_watches.Select(watch => WatchAsync(client, watch)));
    }

    private OrdersClientOptions CreateOptions()
    {
        var options = new OrdersClientOptions { Address = address, ApiKey = plan.Shop.Key };
        switch (plan.Credential)
        {
            case Credential.Signature:
                options.ApiSecret = plan.Shop.Secret;
                break;
            case Credential.Token:
                options.GetToken = _ => ValueTask.FromResult(Credentials.TokenFor(plan, environment.Map));
                break;
        }

        if (!plan.Variant)
        {
            options.OnGap = (gap, _) =>
            {
                Running.Value!.OnGap(gap);
                return ValueTask.CompletedTask;
            };
        }

        options.MaxBufferedBytes = _stalls ? SmallBuffer : options.MaxBufferedBytes;
        return options;
    }

    private void OnState(OrdersClientState state)
    {
        var isConnected = state is OrdersClientState.Connected;
        foreach (var handler in Handlers)
        {
            handler.IsConnected = isConnected;
        }

        if (isConnected)
        {
            counts.Connected();
        }
    }

    private async Task WatchAsync(OrdersClient client, Watch watch)
    {
        Running.Value = watch;
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(watch.Plan.Delay), environment.End);
            while (true)
            {
                try
                {
                    await ReadAsync(client, watch);
                    counts.Rejoined();
                    await Task.Delay(Random.Shared.Next(1000), environment.End);
                }
                catch (OrderGapException e)
                {
                    watch.OnGap(e.Gap);
                }
            }
        }
        catch (OperationCanceledException) when (environment.End.IsCancellationRequested)
        {
            watch.Handler.Finish();
        }
        catch (OrdersClientException e)
        {
            watch.Handler.Ended($"{e.Code}: {e.Message}");
        }
        catch (Exception e)
        {
            // The library documents no other exception.
            watch.Handler.Ended(e.ToString());
        }
    }

    /// <summary>Reads until another watch must continue this one.</summary>
    private async Task ReadAsync(OrdersClient client, Watch watch)
    {
        var events = watch.Plan.Order is { } order
            ? client.WatchAsync(environment.Map.IdOf(order), watch.Start, environment.End)
            : client.WatchAllAsync(watch.Start, environment.End);
        var count = 0;
        await foreach (var e in events)
        {
            watch.Handler.Received(ToMessage(e), e.Position.Epoch);
            watch.Start = e.Position;
            if (++count == watch.Plan.RejoinAfter)
            {
                return;
            }

            if (_stalls && count % 100 == 0 && !environment.Calm.IsCancellationRequested)
            {
                environment.Counts.Stalled();
                await Task.Delay(TimeSpan.FromSeconds(3), environment.Calm)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        throw new InvalidOperationException("The watch ended without an exception.");
    }

    private static EventMessage ToMessage(OrderUpdate e) => new(
        e.Id, e.OrganizationId, e.OrderId, e.Version, e.Sequence ?? 0,
        ContentHash.Of(
            e.OrganizationId, e.OrderId, e.Id, e.Status, e.OccurredAt,
            e.Details is { } details ? JsonMarshal.GetRawUtf8Value(details) : []));

    private sealed class Watch(LibraryPlan client, int index, Handler handler)
    {
        public HandlerPlan Plan { get; } = client.Handlers[index];

        public Handler Handler => handler;

        /// <summary>Where the next watch of this handler begins.</summary>
        public WatchStart Start { get; set; } = client.Handlers[index].Start switch
        {
            HandlerStart.Beginning => WatchStart.Beginning,
            HandlerStart.Newest => WatchStart.Current,
            _ => WatchStart.Now,
        };

        public void OnGap(OrderGap gap)
        {
            handler.Gap(gap.From, gap.Earliest, gap.IsRewritten, gap.Next.Epoch);
            Start = gap.Next;
        }
    }
}
