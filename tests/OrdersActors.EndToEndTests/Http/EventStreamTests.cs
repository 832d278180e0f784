using System.Net;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Http;

/// <summary>Server-sent events of the real executable.</summary>
public sealed class EventStreamTests(RunningServer running)
{
    private Uri Address => running.Server.BaseAddress;

    [Fact]
    public async Task Stream_begins_with_its_confirmation_and_delivers_live_events()
    {
        var order = await running.NewDemoOrderAsync();
        var (client, confirmation) = await StreamClient.SubscribeAsync(Address, $"/v1/orders/{order}/events");
        await using var owned = client;
        Assert.Equal("text/event-stream", client.Answer.Content.Headers.ContentType!.ToString());
        Assert.True(client.Answer.Headers.CacheControl!.NoStore);
        Assert.Equal(["no-referrer"], client.Answer.Headers.GetValues("Referrer-Policy"));
        Assert.InRange(int.Parse(confirmation.Retry!, null), 1000, 4000);
        Assert.Equal(1, confirmation.Number);
        Assert.True(confirmation.Json.GetProperty("resumed").GetBoolean());
        Assert.Equal(order, confirmation.Json.GetProperty("order_id").GetString());
        await running.Service.PublishAsync("demo", order, "paid", """{"a":"é\u2028"}""");
        var paid = (await client.ReadEventsAsync(1))[0];
        Assert.Equal(2, paid.Number);
        Assert.Equal(confirmation.Json.GetProperty("epoch").GetString(), paid.Id![..paid.Id!.LastIndexOf(':')]);
        Assert.Equal("paid", paid.Json.GetProperty("status").GetString());
        Assert.False(paid.Json.TryGetProperty("sequence", out _));

        // The data is exactly that of /ws.
        await using var socket = await SeedClient.ConnectAsync(running.Address, "demo-key");
        await socket.SendAsync(SeedClient.Resume(order, 1));
        await socket.WaitForEventsAsync(1);
        Assert.Equal(socket.Events[0].GetRawText(), paid.Data);
    }

    [Theory]
    [InlineData("?after=0", new long[] { 1, 2, 3 }, true)]
    [InlineData("?after=2", new long[] { 3 }, true)]
    [InlineData("?last=2", new long[] { 2, 3 }, true)]
    [InlineData("?last_event_id={epoch}:1", new long[] { 2, 3 }, true)]
    [InlineData("?last_event_id=other:2", new long[] { 1, 2, 3 }, false)]
    [InlineData("?last_event_id={epoch}:9", new long[] { 1, 2, 3 }, false)]
    [InlineData("?after=2&epoch=other", new long[] { 1, 2, 3 }, false)]
    public async Task Stream_begins_where_the_query_says(string query, long[] versions, bool isResumed)
    {
        var shop = await running.NewShopAsync();
        foreach (var status in new[] { "created", "paid", "packed" })
        {
            await shop.PublishAsync("o-1", status);
        }

        var account = (shop.Key, shop.Secret);
        var (first, known) = await StreamClient.SubscribeAsync(Address, "/v1/orders/o-1/events", account: account);
        await first.DisposeAsync();
        var epoch = known.Json.GetProperty("epoch").GetString();
        var url = "/v1/orders/o-1/events" + query.Replace("{epoch}", epoch, StringComparison.Ordinal);
        var (client, confirmation) = await StreamClient.SubscribeAsync(Address, url, account: account);
        await using var owned = client;
        Assert.Equal(isResumed, confirmation.Json.GetProperty("resumed").GetBoolean());
        Assert.Equal(isResumed, !confirmation.Json.TryGetProperty("earliest", out _));
        Assert.Equal(versions, (await client.ReadEventsAsync(versions.Length)).Select(e => e.Number));
    }

    [Fact]
    public async Task Last_event_id_takes_precedence_over_the_query_of_the_first_request()
    {
        var order = await running.NewDemoOrderAsync();
        await running.Service.PublishAsync("demo", order, "paid");
        var (first, known) = await StreamClient.SubscribeAsync(Address, $"/v1/orders/{order}/events?last=2");
        await first.DisposeAsync();
        var (client, _) = await StreamClient.SubscribeAsync(
            Address, $"/v1/orders/{order}/events?last=2", known.Id!.Replace(":0", ":1", StringComparison.Ordinal));
        await using var owned = client;
        Assert.Equal([2L], (await client.ReadEventsAsync(1)).Select(e => e.Number));
    }

    [Fact]
    public async Task Organization_stream_has_sequences_and_survives_kills_without_loss_or_repetition()
    {
        await using var server = await ServerProcess.StartAsync();
        string? last = null;
        var seen = new List<long>();
        for (var round = 0; round < 3; round++)
        {
            var (client, confirmation) = await StreamClient.SubscribeAsync(
                server.BaseAddress, "/v1/events?after=0", last);
            await using var owned = client;
            Assert.True(confirmation.Json.GetProperty("resumed").GetBoolean());
            await server.PublishAsync("demo", "o-1", $"during {round}");
            var events = await client.ReadEventsAsync(round == 0 ? 1 : 2);
            seen.AddRange(events.Select(e => e.Json.GetProperty("sequence").GetInt64()));
            last = events[^1].Id;
            await server.PublishAsync("demo", $"o-{round}", "unseen");
            await server.KillAsync();
            await server.StartAgainAsync();
        }

        Assert.Equal([1L, 2, 3, 4, 5], seen);
    }

    [Theory]
    [InlineData("/v1/orders/{order}/events?after=x", HttpStatusCode.BadRequest)]
    [InlineData("/v1/orders/{order}/events?limit=5", HttpStatusCode.BadRequest)]
    [InlineData("/v1/orders/{order}/events?after=9", HttpStatusCode.BadRequest)]
    [InlineData("/v1/orders/{order}-missing/events", HttpStatusCode.OK)]
    public async Task Refused_streams_are_problems(string url, HttpStatusCode status)
    {
        var order = await running.NewDemoOrderAsync();
        await using var client = await StreamClient.OpenAsync(
            Address, url.Replace("{order}", order, StringComparison.Ordinal));
        // The demo account proves its secret, so it may await orders that have no events yet.
        Assert.Equal(status, client.Answer.StatusCode);
    }

    [Fact]
    public async Task Stream_without_credentials_is_refused()
    {
        await using var client = await StreamClient.OpenAsync(Address, "/v1/events", isAnonymous: true);
        Assert.Equal(HttpStatusCode.Unauthorized, client.Answer.StatusCode);
    }

    [Fact]
    public async Task Token_in_the_query_opens_a_stream_of_its_orders_only_and_is_not_logged()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings
        {
            Variables = { ["Logging__LogLevel__Microsoft.AspNetCore"] = "Information" },
        });
        await server.PublishAsync("demo", "o-1", "created");
        await server.PublishAsync("demo", "o-2", "created");
        var token = StreamClient.TokenFor("o-1", TimeSpan.FromHours(1));
        await using var client = await StreamClient.OpenAsync(
            server.BaseAddress, $"/v1/orders/o-1/events?after=0&access_token={token}", isAnonymous: true);
        Assert.Equal("subscription", (await client.ReadAsync())!.Name);
        Assert.Equal(1, (await client.ReadEventsAsync(1))[0].Number);
        await using var other = await StreamClient.OpenAsync(
            server.BaseAddress, $"/v1/orders/o-2/events?access_token={token}", isAnonymous: true);
        Assert.Equal(HttpStatusCode.Forbidden, other.Answer.StatusCode);
        using var http = new HttpClient { BaseAddress = server.BaseAddress };
        var page = await http.GetAsync(
            $"/v1/orders/o-1/events?access_token={token}", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, page.StatusCode);
        Assert.DoesNotContain(
            token, await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
        Assert.DoesNotContain(token, server.Output, StringComparison.Ordinal);
        // The log level is effective, so the absence means something.
        Assert.Contains("Executing endpoint", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_ends_when_its_token_expires()
    {
        var order = await running.NewDemoOrderAsync();
        var token = StreamClient.TokenFor(order, TimeSpan.FromSeconds(5));
        await using var client = await StreamClient.OpenAsync(
            Address, $"/v1/orders/{order}/events?access_token={token}", isAnonymous: true);
        Assert.Equal("subscription", (await client.ReadAsync())!.Name);
        Assert.Equal("expiring", (await client.ReadAsync())!.Name);
        Assert.Equal("token_expired", await client.ReadEndAsync());
    }

    [Fact]
    public async Task Stream_ends_when_its_key_is_revoked()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings
        {
            Variables =
            {
                ["OrdersActors__FrontEnd__KeyCheckInterval"] = "00:00:01",
                ["OrdersActors__Authentication__KeyCacheTime"] = "00:00:01",
                ["OrdersActors__Http__AuthenticationCacheTime"] = "00:00:00",
            },
        });
        var (key, secret) = await server.CreateKeyAsync("acme");
        var (client, _) = await StreamClient.SubscribeAsync(
            server.BaseAddress, "/v1/events", account: (key, secret));
        await using var owned = client;
        Assert.Equal(0, (await server.RunAsync("keys", "revoke", key)).ExitCode);
        Assert.Equal("invalid_api_key", await client.ReadEndAsync());
        await using var next = await StreamClient.OpenAsync(server.BaseAddress, "/v1/events", account: (key, secret));
        Assert.Equal(HttpStatusCode.Unauthorized, next.Answer.StatusCode);
    }

    [Fact]
    public async Task Stopping_server_ends_its_streams_with_a_reason()
    {
        await using var server = await ServerProcess.StartAsync();
        var (client, _) = await StreamClient.SubscribeAsync(server.BaseAddress, "/v1/events");
        await using var owned = client;
        var stopping = server.StopAsync();
        Assert.Equal("unavailable", await client.ReadEndAsync());
        Assert.Equal(0, (await stopping).ExitCode);
    }

    [Fact]
    public async Task Quiet_stream_gets_comments_and_streams_count_in_the_limit_of_connections()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings
        {
            Variables =
            {
                ["OrdersActors__FrontEnd__PingInterval"] = "00:00:01",
                ["OrdersActors__FrontEnd__MaxConnectionsPerAddress"] = "1",
            },
        });
        var (client, _) = await StreamClient.SubscribeAsync(server.BaseAddress, "/v1/events");
        await using var owned = client;
        await using (var refused = await StreamClient.OpenAsync(server.BaseAddress, "/v1/events"))
        {
            // Not a status: after one, a browser's EventSource would never come back.
            Assert.Equal(HttpStatusCode.OK, refused.Answer.StatusCode);
            var end = await refused.ReadAsync();
            Assert.Equal("end", end!.Name);
            Assert.InRange(int.Parse(end.Retry!, null), 30_000, 60_000);
            Assert.Null(await refused.ReadAsync());
        }

        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        await server.PublishAsync("demo", "o-1", "created");
        Assert.Equal(1, (await client.ReadEventsAsync(1))[0].Number);
        Assert.NotEqual(0, client.Comments);
    }

    [Fact]
    public async Task Client_that_does_not_read_is_disconnected_and_does_not_delay_others()
    {
        await using var server = await ServerProcess.StartAsync();
        await using var service = await PublishingService.ConnectAsync(server.GatewayPort);
        await service.PublishAsync("demo", "big", "created");
        var (sleeper, known) = await StreamClient.SubscribeAsync(server.BaseAddress, "/v1/orders/big/events");
        await using var ownedSleeper = sleeper;
        var (reader, _) = await StreamClient.SubscribeAsync(server.BaseAddress, "/v1/orders/big/events");
        await using var ownedReader = reader;
        var details = $$"""{"text":"{{new string('x', 60_000)}}"}""";
        const int Count = 250;
        var reading = reader.ReadEventsAsync(Count);
        for (var i = 0; i < Count; i++)
        {
            await service.PublishAsync("demo", "big", "grown", details);
        }

        Assert.Equal(Count + 1, (await reading)[^1].Number);
        var got = known;
        try
        {
            while (await sleeper.ReadAsync() is { Name: "event" } next)
            {
                Assert.Equal(got.Number + 1, next.Number);
                got = next;
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            // The server has aborted the transport, because the reason could not be delivered in time.
        }

        Assert.InRange(got.Number, 1, Count);
        var (again, _) = await StreamClient.SubscribeAsync(server.BaseAddress, "/v1/orders/big/events", got.Id);
        await using var ownedAgain = again;
        var rest = await again.ReadEventsAsync((int)(Count + 1 - got.Number));
        Assert.Equal(got.Number + 1, rest[0].Number);
        Assert.Equal(Count + 1, rest[^1].Number);
    }

    [Fact]
    public async Task Stream_works_over_HTTP_2()
    {
        var port = ServerProcess.FreePorts(1)[0];
        await using var server = await ServerProcess.StartAsync(new ServerSettings { Http2Port = port });
        await server.PublishAsync("demo", "o-1", "created");
        await using var client = await StreamClient.OpenAsync(
            new Uri($"http://127.0.0.1:{port}"), "/v1/events?after=0", version: HttpVersion.Version20);
        Assert.Equal(HttpVersion.Version20, client.Answer.Version);
        Assert.Equal("subscription", (await client.ReadAsync())!.Name);
        Assert.Equal(1, (await client.ReadEventsAsync(1))[0].Number);
        var stopping = server.StopAsync();
        Assert.Equal("unavailable", await client.ReadEndAsync());
        Assert.Equal(0, (await stopping).ExitCode);
    }
}
