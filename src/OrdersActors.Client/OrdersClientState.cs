namespace OrdersActors.Client;

/// <summary>The state of a client's connection.</summary>
public enum OrdersClientState
{
    /// <summary>Not connected: nothing is watched, or the next attempt is not due.</summary>
    Waiting,

    /// <summary>Asks for a token or signature, opens the connection, authenticates.</summary>
    Connecting,

    /// <summary>Authenticated. Events come.</summary>
    Connected,

    /// <summary>For good: the client was disposed, or it stopped because going on was pointless.</summary>
    Closed,
}
