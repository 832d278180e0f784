using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Http;

/// <summary>The HTTP API of a front end: a process without a database, which is a client of the silos.</summary>
public sealed class FrontEndHttpTests
{
    private const string Event = """{"order_id":"o-1","status":"created","id":"e-1"}""";

    [Fact]
    public async Task Front_end_publishes_and_reports_when_its_silo_is_away()
    {
        await using var silo = await ServerProcess.StartAsync(new ServerSettings { Role = ServerRole.Silo });
        await using var frontEnd = await ServerProcess.StartAsync(new ServerSettings
        {
            Role = ServerRole.FrontEnd,
            Variables =
            {
                ["OrdersActors__Gateways"] = silo.Gateway.ToString(),
                ["OrdersActors__Http__PublishRetryTime"] = "00:00:01",
            },
        });
        using var http = new HttpPublisher(frontEnd.BaseAddress, "demo-key", "demo-secret");
        await using var client = await SeedClient.ConnectAsync(
            frontEnd.WebSocketAddress, "demo-key", SeedClient.Sign("demo-key", "demo-secret"));
        await client.SubscribeAsync();
        (await http.PostAsync(Event)).Expect(201);
        await client.WaitForEventsAsync(1);
        Assert.Equal(
            2, (await http.PostAsync(
                """{"order_id":"o-1","status":"paid"}""" + "\n" + """{"order_id":"o-2","status":"created"}""",
                HttpPublisher.Lines)).Expect(201).Number("stored"));

        await silo.KillAsync();
        var answer = (await http.PostAsync(Event)).Expect(503, "unavailable");
        Assert.True(answer.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));

        await silo.StartAgainAsync();
        do
        {
            answer = await http.PostAsync(Event);
        }
        while (answer.Status == 503);
        Assert.Equal(1, answer.Expect(200).Number("version"));
    }
}
