using System.Net;
using System.Net.Sockets;

namespace OrdersActors.Tests.Support;

/// <summary>A host that accepts connections but whose PostgreSQL never answers, like a frozen one.</summary>
public sealed class HangingHost : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public HangingHost() => _listener.Start(backlog: 512);

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose() => _listener.Dispose();
}
