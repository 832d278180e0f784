using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using OrdersActors.TestServer;

namespace OrdersActors.Benchmarks;

/// <summary>
/// Watches an organization on one server, reconnects whenever the server is available, and records when events arrive.
/// </summary>
internal sealed class SteadyClient(int place, Uri address, string key, string secret)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly List<long> _arrivals = [];

    /// <summary>The index of the server.</summary>
    public int Place => place;

    /// <summary>The longest silence since a moment. Forgets all earlier arrivals except the last one.</summary>
    public TimeSpan? LongestSilence(long since)
    {
        lock (_arrivals)
        {
            _arrivals.RemoveRange(0, Math.Max(0, _arrivals.FindLastIndex(arrival => arrival <= since)));
            return Silence.Longest([.. _arrivals], since, Stopwatch.GetTimestamp());
        }
    }

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await using var reader = await FrameReader.ConnectAsync(address, key, SeedClient.Sign(key, secret));
                await reader.SubscribeAsync();
                while (!stop.IsCancellationRequested)
                {
                    await reader.ReadEventAsync();
                    lock (_arrivals)
                    {
                        _arrivals.Add(Stopwatch.GetTimestamp());
                    }
                }
            }
            catch (Exception e) when (e is WebSocketException or InvalidOperationException or JsonException)
            {
                // The server has ended, or the cluster is not ready yet.
                await Task.Delay(Pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
