using OrdersActors.TestServer;

namespace OrdersActors.Benchmarks;

/// <summary>
/// A file of events for <c>publish --file</c>, and a subscriber for each organization that checks that its sequence is 1, 2, 3 …
/// to the end.
/// </summary>
internal sealed class Flood(int events, int orders, int organizations) : IDisposable
{
    /// <summary>Where the events are.</summary>
    public string File { get; } = Path.Combine(Path.GetTempPath(), $"flood-{Guid.NewGuid():N}.jsonl");

    public Task WriteAsync() => System.IO.File.WriteAllLinesAsync(File, Enumerable.Range(0, events).Select(Line));

    /// <summary>Subscribes to the organizations, spread over the servers.</summary>
    public Task<FrameReader[]> SubscribeAsync(IReadOnlyList<ServerProcess> servers) =>
        Task.WhenAll(Enumerable.Range(0, organizations).Select(i => SubscribeAsync(servers[i % servers.Count], $"shop-{i}")));

    /// <summary>Until all have everything.</summary>
    public Task CheckAsync(FrameReader[] subscribers) =>
        Task.WhenAll(subscribers.Select((client, i) => CheckAsync(client, CountFor(i))));

    public void Dispose() => System.IO.File.Delete(File);

    private int CountFor(int organization) => Enumerable.Range(0, events).Count(i => i % orders % organizations == organization);

    private string Line(int i) =>
        $$$"""{"organization_id":"shop-{{{i % orders % organizations}}}","order_id":"order-{{{i % orders}}}","status":"step-{{{i / orders}}}","details":{"amount":"{{{i}}}.00","currency":"EUR"}}""";

    private static async Task<FrameReader> SubscribeAsync(ServerProcess server, string organization)
    {
        var (key, secret) = await server.CreateKeyAsync(organization);
        var client = await FrameReader.ConnectAsync(server.WebSocketAddress, key, SeedClient.Sign(key, secret));
        await client.SubscribeAsync();
        return client;
    }

    private static async Task CheckAsync(FrameReader client, int count)
    {
        for (var expected = 1; expected <= count; expected++)
        {
            var sequence = (await client.ReadEventAsync()).GetProperty("sequence").GetInt64();
            if (sequence != expected)
            {
                throw new InvalidOperationException($"Expected sequence {expected}, got {sequence}.");
            }
        }
    }
}
