using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.Tests.FrontEnd.Transport;

public sealed class WebSocketUpgradeTests
{
    // The example of RFC 6455, section 1.3.
    private const string Key = "dGhlIHNhbXBsZSBub25jZQ==";
    private const string Accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    [Fact]
    public async Task Valid_request_is_upgraded_and_its_key_answered()
    {
        var context = Request(Key);
        Assert.NotNull(await WebSocketUpgrade.AcceptAsync(context));
        Assert.Equal(Accept, context.Response.Headers.SecWebSocketAccept);
        Assert.Equal("websocket", context.Response.Headers.Upgrade);
        Assert.Equal("Upgrade", context.Response.Headers.Connection);
    }

    [Theory]
    [InlineData("HTTP/1.1", "websocket", "12", Key, 426, "version 13")]
    [InlineData("HTTP/1.1", "h2c", "13", Key, 426, "connect with the WebSocket protocol")]
    [InlineData("HTTP/1.0", "websocket", "13", Key, 426, "HTTP/1.1")]
    [InlineData("HTTP/1.1", "websocket", "13", "c2hvcnQ=", 400, "Sec-WebSocket-Key")]
    [InlineData("HTTP/1.1", "websocket", "13", "", 400, "Sec-WebSocket-Key")]
    public async Task Other_request_is_answered_with_the_reason(
        string protocol, string upgrade, string version, string key, int status, string expected)
    {
        var context = Request(key, protocol, upgrade, version);
        Assert.Null(await WebSocketUpgrade.AcceptAsync(context));
        Assert.Equal(status, context.Response.StatusCode);
        var body = Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray());
        Assert.Contains(expected, body, StringComparison.Ordinal);
        Assert.Equal(status == 426, context.Response.Headers.SecWebSocketVersion == "13");
    }

    [Theory]
    [InlineData("13", true)]
    [InlineData("8", false)]
    public async Task Extended_connect_of_HTTP_2_is_accepted_with_version_13(string version, bool isAccepted)
    {
        var context = Request("", "HTTP/2", "", version);
        context.Features.Set<IHttpExtendedConnectFeature>(new ExtendedConnect());
        Assert.Equal(isAccepted, await WebSocketUpgrade.AcceptAsync(context) is not null);
        Assert.Equal("", context.Response.Headers.Upgrade.ToString());
    }

    [Fact]
    public async Task Extensions_are_in_the_answer_of_an_upgrade_and_not_in_a_refusal()
    {
        var accepted = Request(Key);
        await WebSocketUpgrade.AcceptAsync(accepted, "x");
        Assert.Equal("x", accepted.Response.Headers.SecWebSocketExtensions);
        var http2 = Request("", "HTTP/2", "");
        http2.Features.Set<IHttpExtendedConnectFeature>(new ExtendedConnect());
        await WebSocketUpgrade.AcceptAsync(http2, "x");
        Assert.Equal("x", http2.Response.Headers.SecWebSocketExtensions);
        foreach (var (key, extensions) in new[] { (Key, null), ("", "x") })
        {
            var without = Request(key);
            await WebSocketUpgrade.AcceptAsync(without, extensions);
            Assert.False(without.Response.Headers.ContainsKey("Sec-WebSocket-Extensions"));
        }
    }

    private static DefaultHttpContext Request(
        string key, string protocol = "HTTP/1.1", string upgrade = "websocket", string version = "13")
    {
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpUpgradeFeature>(new Upgrade());
        context.Response.Body = new MemoryStream();
        context.Request.Protocol = protocol;
        context.Request.Headers.Upgrade = upgrade;
        context.Request.Headers.SecWebSocketVersion = version;
        if (key.Length > 0)
        {
            context.Request.Headers.SecWebSocketKey = key;
        }

        return context;
    }

    private sealed class Upgrade : IHttpUpgradeFeature
    {
        public bool IsUpgradableRequest => true;

        public Task<Stream> UpgradeAsync() => Task.FromResult<Stream>(new MemoryStream());
    }

    private sealed class ExtendedConnect : IHttpExtendedConnectFeature
    {
        public bool IsExtendedConnect => true;

        public string? Protocol => "websocket";

        public ValueTask<Stream> AcceptAsync() => ValueTask.FromResult<Stream>(new MemoryStream());
    }
}
