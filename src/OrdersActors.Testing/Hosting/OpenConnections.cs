using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;
using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.Testing.Hosting;

/// <summary>The connections to the web server of one run. Thread-safe.</summary>
internal sealed class OpenConnections
{
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<ConnectionContext, TaskCompletionSource> _open = [];

    public int Count => _open.Count;

    /// <summary>Follows a connection to its end. A WebSocket goes on when HTTP has ended.</summary>
    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate http)
    {
        _open[connection] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await http(connection);
        }
        finally
        {
            if (connection is SocketConnection { Next: { } webSocket } upgraded)
            {
                upgraded.Next = async () =>
                {
                    await webSocket();
                    End(connection);
                };
            }
            else
            {
                End(connection);
            }
        }
    }

    /// <summary>
    /// Ends the transport of all connections that are open now, and waits until the server has left them.
    /// </summary>
    /// <exception cref="TimeoutException">The server still serves one of them after 30 s.</exception>
    public Task DropAsync()
    {
        var open = _open.ToArray();
        foreach (var (connection, _) in open)
        {
            connection.Abort(new ConnectionAbortedException("The test drops the connection."));
        }

        return Task.WhenAll(open.Select(each => each.Value.Task)).WaitAsync(EndTimeout);
    }

    private void End(ConnectionContext connection)
    {
        if (_open.TryRemove(connection, out var ended))
        {
            ended.SetResult();
        }
    }
}
