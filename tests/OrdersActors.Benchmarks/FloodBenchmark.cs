using System.Diagnostics;
using OrdersActors.TestServer;

namespace OrdersActors.Benchmarks;

/// <summary>
/// Many events by <c>publish --file</c>, in a process of its own, into a running server; one organization-wide subscriber for each
/// organization checks that its sequence is 1, 2, 3 … to the end.
/// </summary>
internal static class FloodBenchmark
{
    public static async Task RunAsync(int events, int orders, int organizations)
    {
        await using var server = await ServerProcess.StartAsync();
        var file = Path.Combine(Path.GetTempPath(), $"flood-{Guid.NewGuid():N}.jsonl");
        try
        {
            await File.WriteAllLinesAsync(file, Enumerable.Range(0, events).Select(i => Line(i, orders, organizations)));
            var subscribers = await Task.WhenAll(Enumerable.Range(0, organizations).Select(i => SubscribeAsync(server, $"shop-{i}")));
            var before = Measured.Of(server.ProcessId);
            var startedAt = Stopwatch.GetTimestamp();
            var reading = subscribers.Select((client, i) => CheckAsync(client, CountFor(i))).ToArray();
            var published = await server.RunAsync("publish", "--file", file);
            var publishedAfter = Stopwatch.GetElapsedTime(startedAt);
            if (published.ExitCode != 0)
            {
                throw new InvalidOperationException(published.Error);
            }

            await Task.WhenAll(reading);
            var deliveredAfter = Stopwatch.GetElapsedTime(startedAt);
            var cpu = Measured.Of(server.ProcessId).Cpu - before.Cpu;
            Console.WriteLine($"{events} events, {orders} orders, {organizations} organizations; a subscriber each saw 1 to n without hole or repeat");
            Console.WriteLine($"publisher:  {published.Output.Trim()}");
            Console.WriteLine($"all committed {publishedAfter.TotalSeconds:0.00} s and all delivered {deliveredAfter.TotalSeconds:0.00} s after the publisher's start (its own start included): {events / deliveredAfter.TotalSeconds:0} events/s");
            Console.WriteLine($"server CPU: {cpu.TotalMilliseconds / events * 1000:0.0} µs an event; memory {Measured.Of(server.ProcessId).ResidentBytes / 1e6:0} MB");
            foreach (var client in subscribers)
            {
                await client.DisposeAsync();
            }
        }
        finally
        {
            File.Delete(file);
        }

        int CountFor(int organization) => Enumerable.Range(0, events).Count(i => i % orders % organizations == organization);
    }

    private static string Line(int i, int orders, int organizations) =>
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
