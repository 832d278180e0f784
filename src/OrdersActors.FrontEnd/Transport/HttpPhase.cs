using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace OrdersActors.FrontEnd.Transport;

/// <summary>
/// The time in which the web server handles HTTP on a TCP connection. A WebSocket outlives it: its request ends with
/// the upgrade, and from then on the connection's transport belongs to the WebSocket.
/// </summary>
/// <remarks>
/// <code>
///   TCP ──► 1 this class ──► 2 HTTP: requests, and the upgrade as the last one
///                 └────────► 3 the WebSocket, on the same transport
/// </code>
/// <para>So an idle WebSocket keeps neither its request nor what the web server and its middleware hold for one. They
/// would take a third of the connection's memory.</para>
/// <para>The web server calls its HTTP part every second, to enforce the timeouts of requests. These calls end with
/// the phase. Otherwise they would keep the request in memory, and the timeouts would abort the WebSocket.</para>
/// </remarks>
internal sealed class HttpPhase : IConnectionHeartbeatFeature
{
    private readonly IConnectionHeartbeatFeature _heartbeat;
    private readonly ConnectionContext _connection;
    private volatile Action? _tick;
    private Func<Task>? _next;

    private HttpPhase(ConnectionContext connection, IConnectionHeartbeatFeature heartbeat)
    {
        _connection = connection;
        _heartbeat = heartbeat;
        Transport = connection.Transport;
    }

    /// <summary>The bytes of the connection.</summary>
    public IDuplexPipe Transport { get; }

    /// <summary>Cancelled when the client has ended its side or the transport was aborted.</summary>
    public CancellationToken Closed => _connection.ConnectionClosed;

    /// <summary>
    /// Returns the phase of a request's connection. Returns null if its transport ends with HTTP: the bytes are
    /// encrypted, or other connection middleware processes them.
    /// </summary>
    public static HttpPhase? Of(HttpContext context) =>
        context.Features.Get<IConnectionHeartbeatFeature>() is HttpPhase phase
        && phase._connection.Transport == phase.Transport
            ? phase
            : null;

    /// <summary>Serves a connection: first HTTP, and then what has been set by <see cref="ContinueWith"/>.</summary>
    public static async Task RunAsync(ConnectionContext connection, ConnectionDelegate http)
    {
        if (connection.Features.Get<IConnectionHeartbeatFeature>() is not { } heartbeat)
        {
            await http(connection);
            return;
        }

        var phase = new HttpPhase(connection, heartbeat);
        connection.Features.Set<IConnectionHeartbeatFeature>(phase);
        try
        {
            await http(connection);
        }
        finally
        {
            await phase.EndAsync();
        }
    }

    /// <summary>Ends the transport at once.</summary>
    public void Abort() => _connection.Abort();

    /// <summary>
    /// Sets what serves the transport after HTTP. It is called in any case, also if the transport has ended, and must
    /// not fail. Called by the connection's last request.
    /// </summary>
    public void ContinueWith(Func<Task> next) => _next = next;

    void IConnectionHeartbeatFeature.OnHeartbeat(Action<object> action, object state)
    {
        if (_tick is null)
        {
            _heartbeat.OnHeartbeat(static phase => ((HttpPhase)phase)._tick?.Invoke(), this);
        }

        _tick += () => action(state);
    }

    private Task EndAsync()
    {
        var next = _next;
        (_tick, _next) = (null, null);
        return next is null ? Task.CompletedTask : next();
    }
}
