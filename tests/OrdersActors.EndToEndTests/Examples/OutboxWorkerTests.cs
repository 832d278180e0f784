using System.Text.Json;
using OrdersActors.EndToEndTests.Http;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Examples;

/// <summary>The worker that publishes from an outbox.</summary>
public sealed class OutboxWorkerTests : IDisposable
{
    private readonly string _outbox = Directory.CreateTempSubdirectory("outbox-").FullName;

    [Fact]
    public async Task Worker_publishes_every_event_once_when_the_server_and_the_worker_are_killed()
    {
        await using var server = await ServerProcess.StartAsync();
        Write("a-1", """{"organization":"demo","order":"o-1","status":"created","details":{"amount":"12.50"}}""");
        Write("a-2", """{"organization":"demo","order":"o-1"}""");
        Write("a-3", """{"organization":"demo","order":"o-1","status":"paid"}""");
        await using (var worker = Start(server))
        {
            await WaitForFilesAsync("a-2.json.rejected");
            await server.KillAsync();
            Write("a-4", """{"organization":"demo","order":"o-1","status":"packed"}""");
            Write("a-5", """{"organization":"demo","order":"o-2","status":"created"}""");
            await worker.KillAsync();
        }

        // As if the first worker had died after the event was stored and before the file was deleted.
        Write("a-3", """{"organization":"demo","order":"o-1","status":"paid"}""");
        await server.StartAgainAsync();
        await using var second = Start(server);
        await WaitForFilesAsync("a-2.json.rejected");
        Assert.Equal(
            ["a-1 o-1 1 created", "a-3 o-1 2 paid", "a-4 o-1 3 packed", "a-5 o-2 1 created"],
            await EventsAsync(server));
    }

    public void Dispose() => Directory.Delete(_outbox, recursive: true);

    private static async Task<IEnumerable<string>> EventsAsync(ServerProcess server)
    {
        using var http = new HttpClient { BaseAddress = server.BaseAddress };
        http.DefaultRequestHeaders.Authorization = HttpPublisher.Basic("demo-key", "demo-secret");
        var page = await http.GetStringAsync("/v1/events?after=0", TestContext.Current.CancellationToken);
        return JsonDocument.Parse(page).RootElement.GetProperty("events").EnumerateArray()
            .Select(e => $"{e.GetProperty("id")} {e.GetProperty("order_id")} {e.GetProperty("version")} " +
                $"{e.GetProperty("status")}");
    }

    private ExampleProcess Start(ServerProcess server) => ExampleProcess.Start(
        "dotnet", new Dictionary<string, string>(),
        Path.Combine(AppContext.BaseDirectory, "OrdersActors.Examples.Worker.dll"),
        $"--Gateways=127.0.0.1:{server.GatewayPort}", $"--Outbox:Folder={_outbox}", "--Outbox:Interval=00:00:00.100");

    private void Write(string id, string entry)
    {
        var file = Path.Combine(_outbox, id);
        File.WriteAllText(file, entry);
        File.Move(file, file + ".json");
    }

    /// <summary>Waits until these files are left.</summary>
    private async Task WaitForFilesAsync(params string[] expected)
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        time.CancelAfter(TimeSpan.FromSeconds(90));
        while (!Directory.GetFiles(_outbox).Select(Path.GetFileName).SequenceEqual(expected))
        {
            await Task.Delay(20, time.Token);
        }
    }
}
