using System.Net;
using OrdersActors.Checker.Proxy;

namespace OrdersActors.EndToEndTests.Protocol;

/// <summary>
/// A network between a client and a server that can be cut, or go dead. A dead one drops all bytes of its connections,
/// in both directions, and closes nothing. New connections still work.
/// </summary>
internal sealed class SwallowingProxy(Uri server) : IAsyncDisposable
{
    private readonly ClientProxy _proxy = ClientProxy.Start([new IPEndPoint(IPAddress.Loopback, server.Port)]);

    /// <summary>The server's address through the proxy.</summary>
    public Uri Address => new UriBuilder(server) { Host = "127.0.0.1", Port = _proxy.Address.Port }.Uri;

    /// <summary>The number of connections so far.</summary>
    public int Count => _proxy.Accepted;

    /// <summary>Makes all existing connections go dead.</summary>
    public void Swallow() => Make(ProxyFault.HalfOpen);

    /// <summary>Ends all existing connections without a close of the WebSocket.</summary>
    public void Cut() => Make(ProxyFault.Cut);

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    private void Make(ProxyFault fault) => _proxy.Make(fault, Timeout.InfiniteTimeSpan, TimeSpan.Zero, () => true);
}
