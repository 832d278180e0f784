using System.Text.Json;
using OrdersActors.TestServer;

namespace OrdersActors.Benchmarks.Peers.Load;

/// <summary>
/// The JSON protocol of SignalR without negotiation. The subscribe is sent together with the authentication, as in the
/// other dialects.
/// </summary>
internal sealed class SignalRDialect(LoadTarget target) : Dialect(target)
{
    private const string End = "\u001e";
    private static readonly byte[] Ping = Text("""{"type":6}""" + End);

    public override byte? Terminator => (byte)End[0];

    protected override string Path => "/hub";

    public override byte[] Requests(int topic) =>
    [
        .. Text("""{"protocol":"json","version":1}""" + End),
        .. Invocation("1", "Connect", Target.ApiKey, SeedClient.Sign(Target.ApiKey, Target.ApiSecret)),
        .. Invocation("2", "Subscribe", EventPayload.OrderId(topic)),
    ];

    public override bool IsConfirmation(ReadOnlySpan<byte> message) =>
        message.IndexOf("\"invocationId\":\"2\""u8) >= 0;

    /// <summary>Clients of SignalR send a ping as often as the server.</summary>
    public override byte[]? Answer(ReadOnlySpan<byte> message) =>
        message.SequenceEqual("{\"type\":6}"u8) ? Ping : null;

    private static byte[] Invocation(string id, string target, params string[] arguments) =>
        Text(JsonSerializer.Serialize(new { type = 1, invocationId = id, target, arguments }) + End);
}
