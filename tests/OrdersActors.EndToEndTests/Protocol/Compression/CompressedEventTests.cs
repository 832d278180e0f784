using System.Net;
using System.Net.WebSockets;
using OrdersActors.TestServer;
using static OrdersActors.EndToEndTests.Protocol.RawWebSocket;

namespace OrdersActors.EndToEndTests.Protocol.Compression;

/// <summary>Clients that agreed to compression get the same events as others, in fewer bytes.</summary>
public sealed class CompressedEventTests(CompressingServer compressing) : IClassFixture<CompressingServer>
{
    private const string Agreed = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

    [Fact]
    public async Task Clients_with_and_without_compression_get_the_same_events_of_an_order_of_any_size()
    {
        var order = await compressing.NewOrderAsync();
        await using var compressed = await OpenAsync(new WebSocketDeflateOptions());
        await using var narrow = await OpenAsync(new WebSocketDeflateOptions { ServerMaxWindowBits = 10 });
        await using var plain = await OpenAsync(null);
        Assert.Equal(Agreed, compressed.Extensions);
        Assert.Equal($"{Agreed}; server_max_window_bits=10", narrow.Extensions);
        Assert.Null(plain.Extensions);
        SeedClient[] clients = [compressed, narrow, plain];
        foreach (var client in clients)
        {
            await client.SubscribeAsync(order);
        }

        int[] sizes = [0, 20, 300, 2000, 60_000, 65_000];
        foreach (var size in sizes)
        {
            await compressing.PublishAsync(order, $"{size}", size);
        }

        foreach (var client in clients)
        {
            await client.WaitForEventsAsync(sizes.Length);
            Assert.Equal(
                sizes.Select(size => $"{size}"), client.Events.Select(e => e.GetProperty("status").GetString()));
        }

        foreach (var client in clients)
        {
            Assert.Equal(plain.Events.Select(e => e.GetRawText()), client.Events.Select(e => e.GetRawText()));
        }
    }

    [Fact]
    public async Task Events_are_compressed_and_no_other_message()
    {
        var order = await compressing.NewOrderAsync();
        using var socket = await OpenRawAsync("permessage-deflate; client_max_window_bits");
        await socket.SendAsync(SeedClient.Subscription("subscribe", order));
        await socket.ReadTextAsync();
        await socket.SendAsync(SeedClient.Subscription("subscribe", new string('x', 128)));
        Assert.Contains("access_denied", await socket.ReadTextAsync(), StringComparison.Ordinal);
        Assert.Equal(0, socket.CompressedFrames);

        await compressing.PublishAsync(order, "paid");
        Assert.Contains("\"paid\"", await socket.ReadTextAsync(), StringComparison.Ordinal);
        Assert.Equal(1, socket.CompressedFrames);
    }

    [Fact]
    public async Task Event_that_does_not_fit_into_the_window_of_the_client_is_not_compressed_for_it()
    {
        var order = await compressing.NewOrderAsync();
        using var socket = await OpenRawAsync("permessage-deflate; server_max_window_bits=10");
        await socket.SendAsync(SeedClient.Subscription("subscribe", order));
        await socket.ReadTextAsync();
        foreach (var (size, compressed) in new[] { (300, 1), (1000, 1), (300, 2) })
        {
            await compressing.PublishAsync(order, $"{size}", size);
            Assert.Contains($"\"{size}\"", await socket.ReadTextAsync(), StringComparison.Ordinal);
            Assert.Equal(compressed, socket.CompressedFrames);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Replayed_and_live_events_come_without_gaps(bool compresses)
    {
        var order = await compressing.NewOrderAsync();
        const int Count = 300;
        for (var i = 2; i <= Count; i++)
        {
            await compressing.PublishAsync(order, $"s{i}");
        }

        await using var client = await OpenAsync(compresses ? new WebSocketDeflateOptions() : null);
        await client.SendAsync(SeedClient.Resume(order, 0));
        await compressing.PublishAsync(order, "live");
        await client.WaitForEventsAsync(Count + 1);
        Assert.Equal(
            Enumerable.Range(1, Count + 1), client.Events.Select(e => e.GetProperty("version").GetInt32()));
    }

    [Fact]
    public async Task WebSocket_over_HTTP_2_is_compressed_like_over_HTTP_1()
    {
        var order = await compressing.NewOrderAsync();
        using var http = new HttpMessageInvoker(new SocketsHttpHandler());
        using var socket = new ClientWebSocket();
        socket.Options.HttpVersion = HttpVersion.Version20;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        socket.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
        socket.Options.CollectHttpResponseDetails = true;
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{compressing.Http2Port}/ws"), http, Stop);
        Assert.Equal([Agreed], socket.HttpResponseHeaders!["Sec-WebSocket-Extensions"]);
        var buffer = new byte[4096];
        foreach (var request in new[] { SeedClient.Connect("demo-key"), SeedClient.Resume(order, 0) })
        {
            await socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(request), WebSocketMessageType.Text, true, Stop);
            await socket.ReceiveAsync(buffer, Stop);
        }

        var received = await socket.ReceiveAsync(buffer, Stop);
        Assert.Contains(
            "\"created\"", System.Text.Encoding.UTF8.GetString(buffer, 0, received.Count), StringComparison.Ordinal);
    }

    private async Task<SeedClient> OpenAsync(WebSocketDeflateOptions? compression)
    {
        var client = await SeedClient.OpenAsync(compressing.Address, compression: compression);
        await client.SendAsync(SeedClient.Connect("demo-key"));
        await client.ExpectAsync("""{"type":"connected","data":{"status":"authenticated"}}""");
        return client;
    }

    private async Task<RawWebSocket> OpenRawAsync(string offer)
    {
        var socket = new RawWebSocket();
        var head = await socket.RequestAsync(
            compressing.Address, Upgrade(more: $"Sec-WebSocket-Extensions: {offer}\r\n"));
        Assert.Contains($"\r\nSec-WebSocket-Extensions: {Agreed}", head, StringComparison.Ordinal);
        await socket.SendAsync(SeedClient.Connect("demo-key"));
        Assert.Contains("authenticated", await socket.ReadTextAsync(), StringComparison.Ordinal);
        return socket;
    }
}
