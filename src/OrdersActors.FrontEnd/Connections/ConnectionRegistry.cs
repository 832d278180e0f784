using System.Collections.Concurrent;

namespace OrdersActors.FrontEnd.Connections;

/// <summary>All live connections of this front end.</summary>
internal sealed class ConnectionRegistry
{
    private readonly ConcurrentDictionary<Connection, byte> _connections = new();

    /// <summary>Whether new connections are refused, because the server is stopping.</summary>
    public bool IsStopping { get; private set; }

    public int Count => _connections.Count;

    public IEnumerable<Connection> All => _connections.Select(pair => pair.Key);

    public void Add(Connection connection)
    {
        _connections.TryAdd(connection, 0);
        if (IsStopping)
        {
            // It slipped in while everybody else was being told.
            connection.Close(CloseReason.ServerStopping);
        }
    }

    public void Remove(Connection connection) => _connections.TryRemove(connection, out _);

    /// <summary>Refuses new connections.</summary>
    public void Refuse() => IsStopping = true;

    /// <summary>Closes all that there are.</summary>
    public void CloseAll()
    {
        foreach (var connection in All)
        {
            connection.Close(CloseReason.ServerStopping);
        }
    }
}
