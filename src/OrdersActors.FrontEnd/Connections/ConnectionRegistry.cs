using System.Collections.Concurrent;

namespace OrdersActors.FrontEnd.Connections;

/// <summary>All live connections of this front end.</summary>
internal sealed class ConnectionRegistry
{
    private readonly ConcurrentDictionary<Connection, byte> _connections = new();
    private volatile CloseReason? _sentAway;

    /// <summary>Whether new connections are refused because the server is stopping.</summary>
    public bool IsStopping { get; private set; }

    public int Count => _connections.Count;

    public IEnumerable<Connection> All => _connections.Select(pair => pair.Key);

    public void Add(Connection connection)
    {
        _connections.TryAdd(connection, 0);
        if (IsStopping)
        {
            // It was admitted before the stop, and may have been added after all others were closed.
            connection.Close(CloseReason.ServerStopping);
        }
        else if (_sentAway is { } reason)
        {
            connection.Close(reason);
        }
    }

    public void Remove(Connection connection) => _connections.TryRemove(connection, out _);

    /// <summary>Refuses new connections.</summary>
    public void Refuse() => IsStopping = true;

    /// <summary>
    /// Closes all connections, and new ones as soon as they are added, until <see cref="Admit"/> is called.
    /// </summary>
    public void SendAway(CloseReason reason)
    {
        // Set before the loop: a connection that is added in the meantime is in the loop, or sees the reason, or both.
        _sentAway = reason;
        foreach (var connection in All)
        {
            connection.Close(reason);
        }
    }

    /// <summary>Ends <see cref="SendAway"/>.</summary>
    public void Admit() => _sentAway = null;

    /// <summary>Closes all connections.</summary>
    public void CloseAll()
    {
        foreach (var connection in All)
        {
            connection.Close(CloseReason.ServerStopping);
        }
    }
}
