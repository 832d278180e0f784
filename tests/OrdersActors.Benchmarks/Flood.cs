using OrdersActors.TestServer;

namespace OrdersActors.Benchmarks;

/// <summary>
/// A file of events for <c>publish --file</c>, a subscriber for each organization that checks that its sequence is 1, 2, 3 …
/// to the end, and one for each order that is watched, which checks its versions alike.
/// </summary>
internal sealed class Flood(int events, int orders, int organizations, int watched = 0) : IDisposable
{
    private readonly List<(string Key, string Secret)> _keys = [];

    /// <summary>Where the events are.</summary>
    public string File { get; } = Path.Combine(Path.GetTempPath(), $"flood-{Guid.NewGuid():N}.jsonl");

    public Task WriteAsync() => System.IO.File.WriteAllLinesAsync(File, Enumerable.Range(0, events).Select(Line));

    /// <summary>Subscribes to the organizations, spread over the servers.</summary>
    public async Task<FloodSubscriber[]> SubscribeAsync(IReadOnlyList<ServerProcess> servers)
    {
        for (var i = 0; i < organizations; i++)
        {
            _keys.Add(await servers[i % servers.Count].CreateKeyAsync($"shop-{i}"));
        }

        return await Task.WhenAll(_keys.Select((key, i) =>
            FloodSubscriber.ConnectAsync(servers[i % servers.Count], key, order: null, CountFor(i), last: 0)));
    }

    /// <summary>Subscribes to the orders that are watched, once the first flood has made them.</summary>
    public Task<FloodSubscriber[]> SubscribeToOrdersAsync(IReadOnlyList<ServerProcess> servers) =>
        Task.WhenAll(Enumerable.Range(0, watched).Select(i =>
        {
            var count = (events / orders) + (i < events % orders ? 1 : 0);
            return FloodSubscriber.ConnectAsync(servers[i % servers.Count], _keys[i % organizations], $"order-{i}", count, last: count);
        }));

    public void Dispose() => System.IO.File.Delete(File);

    private int CountFor(int organization) => Enumerable.Range(0, events).Count(e => e % orders % organizations == organization);

    private string Line(int i) =>
        $$$"""{"organization_id":"shop-{{{i % orders % organizations}}}","order_id":"order-{{{i % orders}}}","status":"step-{{{i / orders}}}","details":{"amount":"{{{i}}}.00","currency":"EUR"}}""";
}
