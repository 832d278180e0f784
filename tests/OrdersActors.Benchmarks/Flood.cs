using OrdersActors.TestServer;

namespace OrdersActors.Benchmarks;

/// <summary>
/// The events of a benchmark and their subscribers. There is one file for each <c>publish --file</c>, and all events of
/// an organization are in the same file. The subscriber of an organization checks that its sequence is 1, 2, 3 … to
/// the end. The subscriber of a watched order checks the versions in the same way.
/// </summary>
internal sealed class Flood(int events, int orders, int organizations, int watched = 0, int files = 1) : IDisposable
{
    private readonly List<(string Key, string Secret)> _keys = [];

    /// <summary>The paths of the event files.</summary>
    public string[] Files { get; } =
        [.. Enumerable.Range(0, files)
            .Select(_ => Path.Combine(Path.GetTempPath(), $"flood-{Guid.NewGuid():N}.jsonl"))];

    public Task WriteAsync() => Task.WhenAll(Files.Select((file, place) => File.WriteAllLinesAsync(
        file, Enumerable.Range(0, events).Where(e => OrganizationOf(e) % files == place).Select(Line))));

    /// <summary>
    /// Publishes all events with this many concurrent callers. Each caller waits for the answer to every event.
    /// </summary>
    public async Task PublishOneByOneAsync(IReadOnlyList<PublishingService> services, int callers)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, callers).Select(async caller =>
        {
            while (Interlocked.Increment(ref next) is var e && e < events)
            {
                await services[caller % services.Count].PublishAsync(
                    $"shop-{OrganizationOf(e)}", $"order-{e % orders}", $"step-{e / orders}", Details(e));
            }
        }));
    }

    /// <summary>Subscribes to the organizations. The connections are spread over the servers.</summary>
    public async Task<FloodSubscriber[]> SubscribeAsync(IReadOnlyList<ServerProcess> servers)
    {
        for (var i = 0; i < organizations; i++)
        {
            _keys.Add(await servers[i % servers.Count].CreateKeyAsync($"shop-{i}"));
        }

        return await Task.WhenAll(_keys.Select((key, i) =>
            FloodSubscriber.ConnectAsync(servers[i % servers.Count], key, order: null, CountFor(i), last: 0)));
    }

    /// <summary>Subscribes to the watched orders. The first flood must have created them.</summary>
    public Task<FloodSubscriber[]> SubscribeToOrdersAsync(IReadOnlyList<ServerProcess> servers) =>
        Task.WhenAll(Enumerable.Range(0, watched).Select(i =>
        {
            var count = (events / orders) + (i < events % orders ? 1 : 0);
            return FloodSubscriber.ConnectAsync(
                servers[i % servers.Count], _keys[i % organizations], $"order-{i}", count, last: count);
        }));

    public void Dispose() => Array.ForEach(Files, File.Delete);

    private int CountFor(int organization) => Enumerable.Range(0, events).Count(e => OrganizationOf(e) == organization);

    private int OrganizationOf(int e) => e % orders % organizations;

    private string Line(int e) =>
        $$$"""{"organization_id":"shop-{{{OrganizationOf(e)}}}","order_id":"order-{{{e % orders}}}","status":"step-"""
        + $$$"""{{{e / orders}}}","details":{{{Details(e)}}}}""";

    private static string Details(int e) => $$"""{"amount":"{{e}}.00","currency":"EUR"}""";
}
