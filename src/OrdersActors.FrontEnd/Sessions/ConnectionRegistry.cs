using System.Collections.Concurrent;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.FrontEnd.Sessions;

/// <summary>All live connections of this front end: WebSockets and event streams.</summary>
/// <remarks>
/// Some calls close all connections and those that are added later. They set a field first and then close the
/// connections of the registry. A connection is added first, and then reads the field. So a connection that is added
/// meanwhile is closed by one of the two, or by both. Full fences keep the order on both sides: the exchange here, and
/// the dictionary's lock there.
/// </remarks>
internal sealed class ConnectionRegistry : IHistoryListener
{
    private readonly ConcurrentDictionary<IClientConnection, byte> _connections = new();
    private CloseReason? _rejection;
    private int _isStopping;

    /// <summary>Whether new connections are refused because the server is stopping.</summary>
    public bool IsStopping => Volatile.Read(ref _isStopping) != 0;

    public int Count => _connections.Count;

    public IEnumerable<IClientConnection> All => _connections.Select(pair => pair.Key);

    public void Add(IClientConnection connection)
    {
        _connections.TryAdd(connection, 0);
        if (IsStopping)
        {
            // It was admitted before the stop, and may have been added after all others were closed.
            connection.Close(CloseReason.ServerStopping);
        }
        else if (Volatile.Read(ref _rejection) is { } reason)
        {
            connection.Close(reason);
        }
    }

    public void Remove(IClientConnection connection) => _connections.TryRemove(connection, out _);

    /// <summary>Refuses new connections because the server is stopping.</summary>
    public void StopAccepting() => Interlocked.Exchange(ref _isStopping, 1);

    /// <summary>
    /// Closes all connections, and new ones as soon as they are added, until <see cref="EndRejecting"/> is called.
    /// </summary>
    public void BeginRejecting(CloseReason reason)
    {
        Interlocked.Exchange(ref _rejection, reason);
        CloseAll(reason);
    }

    /// <summary>Ends <see cref="BeginRejecting"/>.</summary>
    public void EndRejecting() => Volatile.Write(ref _rejection, null);

    /// <summary>Closes all connections.</summary>
    public void CloseAll(CloseReason reason)
    {
        foreach (var connection in All)
        {
            connection.Close(reason);
        }
    }

    // A connection that is added after this has no subscriptions yet. With its first request it takes the new history,
    // or it finds that the history that it took has ended.
    void IHistoryListener.OnHistoryRewritten() => CloseAll(CloseReason.HistoryRewritten);
}
