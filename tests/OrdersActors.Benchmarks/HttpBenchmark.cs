using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using OrdersActors.TestServer;

namespace OrdersActors.Benchmarks;

/// <summary>
/// Publishes over HTTP and with the Orleans client into the same server, one event per call and several events per
/// call. The callers are in this process and share the machine with the server.
/// </summary>
internal sealed class HttpBenchmark(int callers, int seconds, TimeSpan cacheTime)
{
    private const int Batch = 100;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);

    private delegate Task Call(int caller, int count);

    public async Task RunAsync()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings
        {
            Variables =
            {
                ["OrdersActors__Http__RequestRate"] = "1000000",
                ["OrdersActors__Http__RequestBurst"] = "1000000",
                ["OrdersActors__Http__MaxConcurrentRequestsPerKey"] = "100000",
                ["OrdersActors__Http__AuthenticationCacheTime"] = cacheTime.ToString(),
            },
        });
        await using var service = await PublishingService.ConnectAsync(server.GatewayPort);
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = callers })
        {
            BaseAddress = server.BaseAddress,
        };
        http.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String("demo-key:demo-secret"u8));
        Console.WriteLine(
            $"{callers} callers, {seconds} s each, authentications cached for {cacheTime.TotalSeconds} s");
        foreach (var count in new[] { 1, Batch })
        {
            await MeasureAsync("HTTP", server, count, (caller, events) => PostAsync(http, caller, events));
            await MeasureAsync(
                "Orleans client", server, count, (caller, events) => PublishAsync(service, caller, events));
        }
    }

    private async Task MeasureAsync(string name, ServerProcess server, int count, Call call)
    {
        await RunAsync(WarmUp, count, call);
        var before = Measured.Of(server.ProcessId);
        var startedAt = Stopwatch.GetTimestamp();
        var latencies = await RunAsync(TimeSpan.FromSeconds(seconds), count, call);
        var elapsed = Stopwatch.GetElapsedTime(startedAt);
        var events = (double)latencies.Count * count;
        var cpu = Measured.Of(server.ProcessId).Cpu - before.Cpu;
        latencies.Sort();
        Console.WriteLine(
            $"{name,-14} {count,3} per call  {events / elapsed.TotalSeconds,8:0} events/s, "
            + $"median {At(0.5):0.0} ms, 99 % {At(0.99):0.0} ms, worst {latencies[^1]:0.0} ms, "
            + $"server CPU {cpu.TotalMilliseconds * 1000 / events:0} µs per event");

        double At(double share) => latencies[(int)(share * (latencies.Count - 1))];
    }

    private async Task<List<double>> RunAsync(TimeSpan duration, int count, Call call)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var all = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var latencies = new List<double>();
            while (Stopwatch.GetElapsedTime(startedAt) < duration)
            {
                var at = Stopwatch.GetTimestamp();
                await call(caller, count);
                latencies.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
            }

            return latencies;
        })));
        return [.. all.SelectMany(latencies => latencies)];
    }

    private static async Task PostAsync(HttpClient http, int caller, int count)
    {
        var e = $$$"""{"order_id":"o-{{{caller}}}","status":"moving","details":{"amount":"12.50"}}""";
        var body = count == 1 ? e : $"[{string.Join(',', Enumerable.Repeat(e, count))}]";
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var answer = await http.PostAsync("/v1/events", content);
        answer.EnsureSuccessStatusCode();
    }

    private static Task PublishAsync(PublishingService service, int caller, int count)
    {
        var events = new OrderStatusEvent[count];
        for (var i = 0; i < count; i++)
        {
            events[i] = new OrderStatusEvent
            {
                OrderId = $"o-{caller}",
                Status = "moving",
                Details = """{"amount":"12.50"}""",
            };
        }

        return count == 1
            ? service.Publisher.PublishAsync("demo", events[0])
            : service.Publisher.PublishAsync("demo", events);
    }
}
