using System.Globalization;
using System.Text;

namespace OrdersActors.Benchmarks.Peers.Load;

/// <summary>
/// The protocol of NATS, one subject for each order. Subscribers use the WebSocket listener; the load process itself
/// publishes the events over TCP. There is no signature: NATS has nothing equivalent.
/// </summary>
internal sealed class NatsDialect(LoadTarget target) : Dialect(target)
{
    private const string Connect = "CONNECT {\"verbose\":false,\"pedantic\":false}\r\n";
    private static readonly byte[] Pong = Text("PONG\r\n");

    /// <summary>Every line is one message: a command, or the payload of the command before.</summary>
    public override byte? Terminator => (byte)'\n';

    public override byte[] Greeting => Encoding.ASCII.GetBytes(Connect);

    protected override string Path => "/";

    public override byte[] Requests(int topic) => Text($"{Connect}SUB {EventPayload.OrderId(topic)} 1\r\nPING\r\n");

    public override bool IsConfirmation(ReadOnlySpan<byte> message) => message.StartsWith("PONG"u8);

    public override bool IsRefusal(ReadOnlySpan<byte> message) => message.StartsWith("-ERR"u8);

    public override byte[]? Answer(ReadOnlySpan<byte> message) => message.StartsWith("PING"u8) ? Pong : null;

    public override int WriteRequest(Trigger trigger, Span<byte> buffer)
    {
        var message = EventPayload.Message(trigger, version: 1);
        var subject = EventPayload.OrderId(trigger.Topic);
        var header = Encoding.ASCII.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"PUB {subject} {message.Length}\r\n"), buffer);
        message.CopyTo(buffer[header..]);
        "\r\n"u8.CopyTo(buffer[(header + message.Length)..]);
        return header + message.Length + 2;
    }
}
