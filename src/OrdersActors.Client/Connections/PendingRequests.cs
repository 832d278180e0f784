using System.Collections.Concurrent;
using OrdersActors.Client.Feeds;
using OrdersActors.Client.Protocol;

namespace OrdersActors.Client.Connections;

/// <summary>A request that waits for replies.</summary>
/// <param name="Connect">The data of a connect; null for other messages.</param>
/// <param name="Feeds">The feeds of a subscribe that have no reply yet.</param>
internal sealed record PendingRequest(RequestData? Connect, List<Feed> Feeds);

/// <summary>
/// The requests of one session that wait for replies, by their ids. One writer adds, one reader removes.
/// </summary>
internal sealed class PendingRequests
{
    private readonly ConcurrentDictionary<long, PendingRequest> _requests = [];
    private long _lastId;

    public int Count => _requests.Count;

    /// <summary>Adds a request and returns its id.</summary>
    public long Add(ClientMessage message, List<Feed> feeds)
    {
        var id = ++_lastId;
        _requests[id] = new PendingRequest(message.Type == "connect" ? message.Data : null, feeds);
        return id;
    }

    /// <summary>The request with an id; null if it is not known.</summary>
    public PendingRequest? Find(long id) => _requests.GetValueOrDefault(id);

    public void Remove(long id) => _requests.TryRemove(id, out _);
}
