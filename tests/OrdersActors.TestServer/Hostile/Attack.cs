using System.Net.Sockets;

namespace OrdersActors.TestServer.Hostile;

/// <summary>Something that a hostile client does, on many connections at once, for as long as it is let.</summary>
/// <param name="Name">What it is called in reports and on the command line.</param>
/// <param name="Connections">On how many connections.</param>
/// <param name="OneAsync">What each connection does until the server ends it.</param>
public sealed record Attack(string Name, int Connections, Func<Uri, CancellationToken, Task> OneAsync)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private int _rounds;

    /// <summary>How often a connection was opened.</summary>
    public int Rounds => Volatile.Read(ref _rounds);

    /// <summary>Attacks until told to stop. A connection that the server ends is replaced by a new one.</summary>
    public async Task RunAsync(Uri address, CancellationToken stop) =>
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(() => LoopAsync(address, stop), CancellationToken.None)));

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
                // The server, or the end of the attack, has ended this connection.
                await Task.Delay(Pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
