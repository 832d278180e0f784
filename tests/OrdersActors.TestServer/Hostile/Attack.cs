using System.Net.Sockets;

namespace OrdersActors.TestServer.Hostile;

/// <summary>The behaviour of a hostile client, repeated on many connections until it is stopped.</summary>
/// <param name="Name">The name in reports and on the command line.</param>
/// <param name="Connections">The number of concurrent connections.</param>
/// <param name="OneAsync">The behaviour of one connection until the server ends it.</param>
public sealed record Attack(string Name, int Connections, Func<Uri, CancellationToken, Task> OneAsync)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private int _rounds;

    /// <summary>The number of connections opened so far.</summary>
    public int Rounds => Volatile.Read(ref _rounds);

    /// <summary>
    /// Attacks until <paramref name="stop"/> is cancelled. A connection that the server ends is replaced by a new one.
    /// </summary>
    public async Task RunAsync(Uri address, CancellationToken stop) =>
        await Task.WhenAll(Enumerable.Range(0, Connections)
            .Select(_ => Task.Run(() => LoopAsync(address, stop), CancellationToken.None)));

    private async Task LoopAsync(Uri address, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Interlocked.Increment(ref _rounds);
            try
            {
                await OneAsync(address, stop);
            }
            catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
            {
                // The connection was ended by the server or by the end of the attack.
                await Task.Delay(Pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
