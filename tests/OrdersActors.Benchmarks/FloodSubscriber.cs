using OrdersActors.TestServer;

namespace OrdersActors.Benchmarks;

/// <summary>
/// One connection that receives events of a <see cref="Flood"/>, and its number of events in each flood.
/// </summary>
internal sealed class FloodSubscriber : IAsyncDisposable
{
    private readonly FrameReader _client;
    private readonly string _number;
    private readonly int _count;
    private long _last;

    private FloodSubscriber(FrameReader client, string number, int count, long last) =>
        (_client, _number, _count, _last) = (client, number, count, last);

    /// <summary>
    /// Subscribes to an order, or to the whole organization if the order is null. <paramref name="last"/> is the
    /// number of the last event published so far.
    /// </summary>
    public static async Task<FloodSubscriber> ConnectAsync(
        ServerProcess server, (string Key, string Secret) key, string? order, int count, long last)
    {
        var signature = order is null ? SeedClient.Sign(key.Key, key.Secret) : null;
        var client = await FrameReader.ConnectAsync(server.WebSocketAddress, key.Key, signature);
        await client.SubscribeAsync(order);
        return new FloodSubscriber(client, order is null ? "sequence" : "version", count, last);
    }

    /// <summary>Reads one flood to its end.</summary>
    /// <exception cref="InvalidOperationException">An event is missing or was repeated.</exception>
    public async Task CheckAsync()
    {
        for (var i = 0; i < _count; i++)
        {
            var number = (await _client.ReadEventAsync()).GetProperty(_number).GetInt64();
            if (number != _last + 1)
            {
                throw new InvalidOperationException($"Expected {_number} {_last + 1}, got {number}.");
            }

            _last = number;
        }
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();
}
