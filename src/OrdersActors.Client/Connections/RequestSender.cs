using OrdersActors.Client.Feeds;
using OrdersActors.Client.Protocol;

namespace OrdersActors.Client.Connections;

/// <summary>Sends the requests of one session, no faster than the server accepts them. One caller.</summary>
internal sealed class RequestSender(IClientSocket socket, PendingRequests requests, TimeProvider time)
{
    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(10);

    private readonly Pace _pace = new(time);

    /// <summary>Sends a request. Its replies come for these feeds.</summary>
    /// <exception cref="IOException">The connection is broken, or the server does not read.</exception>
    public async Task SendAsync(ClientMessage message, List<Feed> feeds, CancellationToken cancellationToken)
    {
        await _pace.WaitAsync(cancellationToken);
        var numbered = message with { Id = requests.Add(message, feeds) };
        using var timeout = new CancellationTokenSource(SendTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await socket.SendAsync(ClientJson.Write(numbered), either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"The server took no message for {SendTimeout.TotalSeconds} s.");
        }
    }
}
