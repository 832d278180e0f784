using System.Diagnostics;
using System.Net.WebSockets;

namespace OrdersActors.Checker.Clients;

/// <summary>
/// The random faults that a client causes on its own connection until the run calms down. It cuts the connection, half
/// of the time with a close frame, and it stops reading for a while.
/// </summary>
internal sealed class Mischief(ClientEnvironment environment, Random random, RawSocket socket) : IAsyncDisposable
{
    private readonly CancellationTokenSource _over = new();
    private readonly long _stallAt = environment.Options.Stall > random.NextDouble()
        ? Stopwatch.GetTimestamp() + (long)(random.NextDouble() * 10 * Stopwatch.Frequency)
        : long.MaxValue;

    private Task _cutting = Task.CompletedTask;

    /// <summary>Whether this client has stopped reading for a while.</summary>
    public bool HasStalled { get; private set; }

    /// <summary>Whether this client ended the connection.</summary>
    public bool HasCut { get; private set; }

    public void Begin()
    {
        if (environment.Options.CutEvery > 0)
        {
            var after = TimeSpan.FromSeconds(-Math.Log(1 - random.NextDouble()) * environment.Options.CutEvery);
            _cutting = CutAsync(after, isPolite: random.Next(2) == 0);
        }
    }

    /// <summary>Stops reading for a while, at most once per connection, if the time for it has come.</summary>
    public async Task StallAsync()
    {
        if (HasStalled || Stopwatch.GetTimestamp() < _stallAt || environment.Calm.IsCancellationRequested)
        {
            return;
        }

        HasStalled = true;
        environment.Counts.Stalled();
        var duration = TimeSpan.FromSeconds(5 + (random.NextDouble() * 10));
        await Task.Delay(duration, environment.Calm).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _cutting;
        _over.Dispose();
    }

    /// <summary>Never fails.</summary>
    private async Task CutAsync(TimeSpan after, bool isPolite)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_over.Token, environment.Calm);
        try
        {
            await Task.Delay(after, either.Token);
            HasCut = true;
            environment.Counts.Cut();
            if (isPolite)
            {
                await socket.CloseAsync();
                await Task.Delay(TimeSpan.FromSeconds(5), _over.Token);
            }

            socket.Abort();
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or InvalidOperationException)
        {
            // The connection has already ended, or the run calms down.
        }
    }
}
