using System.Diagnostics;
using OrdersActors.EndToEndTests.Http;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Telemetry;

/// <summary>One event's trace shows each hop's time, from the HTTP request to the client's frame.</summary>
public sealed class TraceTests
{
    private const string Event = """{"order_id":"o-1","status":"paid"}""";

    // Nanoseconds.
    private const ulong ClockError = 1_000_000;

    // Only failing tests wait this long.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Request_with_a_sampled_caller_has_a_span_for_each_hop()
    {
        await using var collector = await TraceCollector.StartAsync();
        await using var server = await ServerProcess.StartAsync(
            new ServerSettings { Variables = collector.Variables });
        var spans = await TraceAsync(
            collector, server, server,
            ["POST /v1/events", "publish", "append", "commit", "pull", "distribute", "frame"]);
        Assert.Equal(Of("POST /v1/events").Id, Of("publish").Parent);
        Assert.Equal(Of("publish").Id, Of("append").Parent);
        string[] hops = ["commit", "pull", "distribute", "frame"];
        Assert.All(hops, hop => Assert.Equal(Of("append").Id, Of(hop).Parent));
        // In their order, as far as two clocks agree.
        Assert.All(
            hops.Zip(hops.Skip(1)), pair => Assert.True(Of(pair.First).Begin < Of(pair.Second).Begin + ClockError));

        CollectedSpan Of(string name) => Assert.Single(spans, span => span.Name == name);
    }

    [Fact]
    public async Task Trace_crosses_from_a_front_end_to_a_silo_and_back()
    {
        RequiredPostgres.Check();
        await using var collector = await TraceCollector.StartAsync();
        await using var cluster = await ServerCluster.StartAsync(new ClusterSettings
        {
            Roles = [ServerRole.Silo, ServerRole.FrontEnd],
            Variables = collector.Variables,
        });
        var frontEnd = cluster.Servers[1];
        var spans = await TraceAsync(
            collector, frontEnd, frontEnd, ["POST /v1/events", "publish", "append", "commit", "pull", "frame"]);
        Assert.Equal(
            ["FrontEnd POST /v1/events", "FrontEnd frame", "FrontEnd publish"],
            spans.Where(span => span.Role == "FrontEnd").Select(span => $"{span.Role} {span.Name}").Order());
        Assert.Equal(
            ["Silo append", "Silo commit", "Silo pull"],
            spans.Where(span => span.Role == "Silo").Select(span => $"{span.Role} {span.Name}").Order());
    }

    [Fact]
    public async Task Only_the_set_share_of_calls_without_a_caller_is_traced()
    {
        await using var collector = await TraceCollector.StartAsync();
        await using var server = await ServerProcess.StartAsync(
            new ServerSettings { Variables = collector.Variables });
        using var http = new HttpPublisher(server.BaseAddress, "demo-key", "demo-secret");
        // Neither a request without a trace nor one whose caller does not sample is traced.
        (await http.PostAsync(Event)).Expect(201);
        var (header, unsampled) = NewParent("00");
        (await http.PostAsync(Event, headers: ("traceparent", header))).Expect(201);
        var (sampledHeader, sampled) = NewParent("01");
        (await http.PostAsync(Event, headers: ("traceparent", sampledHeader))).Expect(201);
        await WaitAsync(collector, sampled, ["commit"]);
        Assert.Empty(collector.Of(unsampled));
    }

    /// <summary>Publishes an event to a watched order, and waits for the spans of its trace.</summary>
    private static async Task<CollectedSpan[]> TraceAsync(
        TraceCollector collector, ServerProcess publishedTo, ServerProcess watched, string[] names)
    {
        using var http = new HttpPublisher(publishedTo.BaseAddress, "demo-key", "demo-secret");
        (await http.PostAsync(Event)).Expect(201);
        await using var client = await SeedClient.ConnectAsync(watched.WebSocketAddress, "demo-key");
        await client.SubscribeAsync("o-1");
        var (header, trace) = NewParent("01");
        (await http.PostAsync(Event, headers: ("traceparent", header))).Expect(201);
        await client.WaitForEventsAsync(1);
        return await WaitAsync(collector, trace, names);
    }

    private static async Task<CollectedSpan[]> WaitAsync(TraceCollector collector, string trace, string[] names)
    {
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(50))
        {
            var spans = collector.Of(trace);
            if (names.All(name => spans.Any(span => span.Name == name)))
            {
                return spans;
            }

            Assert.True(
                waited.Elapsed < WaitTimeout, $"The trace has only {string.Join(", ", spans.Select(s => s.Name))}.");
        }
    }

    private static (string Header, string Trace) NewParent(string flags)
    {
        var trace = ActivityTraceId.CreateRandom().ToHexString();
        return ($"00-{trace}-{ActivitySpanId.CreateRandom().ToHexString()}-{flags}", trace);
    }
}
