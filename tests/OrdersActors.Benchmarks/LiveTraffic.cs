using System.Collections.Concurrent;
using System.Diagnostics;
using OrdersActors.Publishing;

namespace OrdersActors.Benchmarks;

/// <summary>
/// Publishes the events of one order at a steady rate and records how long each takes to reach a client.
/// </summary>
internal sealed class LiveTraffic(
    IOrderStatusPublisher publisher, FrameReader client, string organization, string order, int rate)
{
    private readonly ConcurrentDictionary<string, long> _sent = new();
    private List<double> _seen = [];

    /// <summary>The latencies since the last call, in milliseconds.</summary>
    public List<double> Take() => Interlocked.Exchange(ref _seen, []);

    /// <summary>
    /// Publishes until <paramref name="stop"/> is cancelled, and reads until the last event has arrived.
    /// </summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var reading = ReadAsync();
        var calls = new List<Task>();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / rate));
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
            calls.Add(PublishAsync($"{order}-{i}", "moving"));
        }

        await Task.WhenAll(calls);
        await PublishAsync($"{order}-end", "ended");
        await reading;
    }

    private Task PublishAsync(string id, string status)
    {
        _sent[id] = Stopwatch.GetTimestamp();
        return publisher.PublishAsync(organization, new OrderStatusEvent { Id = id, OrderId = order, Status = status });
    }

    private async Task ReadAsync()
    {
        await Task.Yield();
        while (true)
        {
            var e = await client.ReadEventAsync();
            var took = Stopwatch.GetElapsedTime(_sent[e.GetProperty("id").GetString()!]).TotalMilliseconds;
            Volatile.Read(ref _seen).Add(took);
            if (e.GetProperty("status").ValueEquals("ended"u8))
            {
                return;
            }
        }
    }
}
