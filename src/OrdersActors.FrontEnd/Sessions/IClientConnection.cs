using System.Net;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Sessions.Authentication;

namespace OrdersActors.FrontEnd.Sessions;

/// <summary>
/// A live connection of a client, whatever its transport. The registry, the clock, the checks of keys and the shutdown
/// see only this. May be called from any thread. Timestamps are those of the time provider.
/// </summary>
internal interface IClientConnection
{
    /// <summary>The client's identity; null before it has authenticated.</summary>
    ClientIdentity? Identity { get; }

    /// <summary>
    /// Whether the last connect is undecided. Then it is not the client's fault that it has not authenticated.
    /// </summary>
    bool IsConnectUndecided { get; }

    /// <summary>The bytes that wait to be sent, with their cost in memory.</summary>
    int QueuedBytes { get; }

    /// <summary>The client's address; null if it is unknown.</summary>
    IPAddress? Address { get; }

    /// <summary>The feeds that the client is subscribed to.</summary>
    FeedKey[] Feeds { get; }

    /// <summary>When the connection began.</summary>
    long OpenedAt { get; }

    /// <summary>When something of the client was read last.</summary>
    long LastReadAt { get; }

    /// <summary>When <see cref="Ping"/> was called last.</summary>
    long LastPingAt { get; }

    /// <summary>Whether nothing is read from the client at the moment, so that its silence means nothing.</summary>
    bool IsHandling { get; }

    /// <summary>When the server began to close; 0 before that.</summary>
    long ClosingAt { get; }

    /// <summary>Whether either side has begun to close.</summary>
    bool IsClosing { get; }

    /// <summary>Notifies the client if its token expires soon, and closes if it has expired.</summary>
    void CheckToken();

    /// <summary>Begins to close, once.</summary>
    void Close(CloseReason reason);

    /// <summary>Ends the transport at once.</summary>
    void Abort();

    /// <summary>Sends a sign of life.</summary>
    void Ping();
}
