using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace OrdersActors.Testing.Hosting;

/// <summary>The connections to the web server of one run. Thread-safe.</summary>
internal sealed class OpenConnections
{
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<ConnectionContext, TaskCompletionSource> _open = [];

    public int Count => _open.Count;

    /// <summary>Follows a connection to its end.</summary>
    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _open[connection] = ended;
        try
        {
            await next(connection);
        }
        finally
        {
            _open.TryRemove(connection, out _);
            ended.SetResult();
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
}
