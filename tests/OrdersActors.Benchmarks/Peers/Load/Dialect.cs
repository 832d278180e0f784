using System.Buffers.Binary;
using System.Text;
using OrdersActors.TestServer;

namespace OrdersActors.Benchmarks.Peers.Load;

/// <summary>The messages with which a client of a peer connects, authenticates and subscribes.</summary>
internal class Dialect(LoadTarget target)
{
    private const int FinalText = 0x81;
    private const int FinalPong = 0x8A;
    private const int Masked = 0x80;

    /// <summary>The path of the WebSocket.</summary>
    protected virtual string Path => "/ws";

    /// <summary>
    /// The byte that ends each message within the WebSocket messages; null if each frame is one message.
    /// </summary>
    public virtual byte? Terminator => null;

    protected LoadTarget Target { get; } = target;

    /// <summary>What the connection that requests the events sends first.</summary>
    public virtual byte[] Greeting => [];

    public static Dialect Of(LoadTarget target) => target.Dialect switch
    {
        PeerNames.SignalR => new SignalRDialect(target),
        PeerNames.Nats => new NatsDialect(target),
        _ => new Dialect(target),
    };

    /// <summary>The first bytes of a connection.</summary>
    public byte[] Upgrade() => Encoding.ASCII.GetBytes(
        $"GET {Path} HTTP/1.1\r\nHost: 127.0.0.1:{Target.Port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        + (Target.Compresses ? "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n" : "")
        + "\r\n");

    /// <summary>The frames that authenticate and subscribe to an order.</summary>
    public virtual byte[] Requests(int topic) =>
    [
        .. Text(SeedClient.Connect(Target.ApiKey, SeedClient.Sign(Target.ApiKey, Target.ApiSecret))),
        .. Text(SeedClient.Subscription("subscribe", EventPayload.OrderId(topic))),
    ];

    /// <summary>Whether the message confirms the subscription, and so is the last answer.</summary>
    public virtual bool IsConfirmation(ReadOnlySpan<byte> message) => message.IndexOf("\"subscribed\""u8) >= 0;

    /// <summary>Whether the message refuses a request.</summary>
    public virtual bool IsRefusal(ReadOnlySpan<byte> message) => message.IndexOf("\"error\""u8) >= 0;

    /// <summary>Called with each event, before it is counted.</summary>
    public virtual void OnEvent(ReadOnlySpan<byte> message)
    {
    }

    /// <summary>The frame that answers a message that is no event; null for none.</summary>
    public virtual byte[]? Answer(ReadOnlySpan<byte> message) => null;

    /// <summary>Writes the request for one event. Returns its length.</summary>
    public virtual int WriteRequest(Trigger trigger, Span<byte> buffer)
    {
        trigger.Write(buffer);
        return Trigger.Size;
    }

    public static byte[] PongFrame(ReadOnlySpan<byte> payload) => Frame(FinalPong, payload);

    protected static byte[] Text(string message) => Frame(FinalText, Encoding.UTF8.GetBytes(message));

    /// <summary>A masked frame. The mask is zero, which the RFC allows and which changes no byte.</summary>
    private static byte[] Frame(byte first, ReadOnlySpan<byte> payload)
    {
        const int Mask = 4;
        var header = payload.Length < 126 ? 2 : 4;
        var frame = new byte[header + Mask + payload.Length];
        frame[0] = first;
        frame[1] = (byte)(Masked | (header == 2 ? payload.Length : 126));
        if (header == 4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
        }

        payload.CopyTo(frame.AsSpan(header + Mask));
        return frame;
    }
}
