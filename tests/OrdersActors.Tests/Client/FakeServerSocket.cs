using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using OrdersActors.Client.Connections;

namespace OrdersActors.Tests.Client;

/// <summary>A WebSocket whose server is the test. It answers pings by itself.</summary>
internal sealed class FakeServerSocket : IClientSocket
{
    private readonly Channel<SocketMessage> _toClient = Channel.CreateUnbounded<SocketMessage>();
    private readonly Channel<JsonNode> _sent = Channel.CreateUnbounded<JsonNode>();
    private readonly CancellationTokenSource _disposed = new();

    /// <summary>The messages of the client that the test has not taken.</summary>
    public ChannelReader<JsonNode> Sent => _sent.Reader;

    public bool IsDisposed => _disposed.IsCancellationRequested;

    public bool AnswersPings { get; set; } = true;

    public int Pings { get; private set; }

    public int LongestMessage { get; private set; }

    public ValueTask SendAsync(ReadOnlyMemory<byte> text, CancellationToken cancellationToken)
    {
        LongestMessage = Math.Max(LongestMessage, text.Length);
        var message = JsonNode.Parse(text.Span)!;
        if ((string?)message["type"] != "ping")
        {
            _sent.Writer.TryWrite(message);
            return ValueTask.CompletedTask;
        }

        Pings++;
        if (AnswersPings)
        {
            Receive($$"""{"type":"pong","id":{{message["id"]}}}""");
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask<SocketMessage> ReceiveAsync(CancellationToken cancellationToken) =>
        await _toClient.Reader.ReadAsync(cancellationToken);

    public ValueTask DisposeAsync()
    {
        _disposed.Cancel();
        return ValueTask.CompletedTask;
    }

    /// <summary>The client receives a message.</summary>
    public void Receive(string json) => _toClient.Writer.TryWrite(new SocketMessage(Encoding.UTF8.GetBytes(json)));

    public void Receive(JsonNode json) => Receive(json.ToJsonString());

    /// <summary>Closes as the server, or cuts the transport.</summary>
    public void Close(int status = ClientSocket.Broken) =>
        _toClient.Writer.TryWrite(new SocketMessage(default, status));

    /// <summary>Sends an event.</summary>
    public void SendEvent(string order, long version, long? sequence = null, string? details = null) =>
        Receive(JsonSerializer.Serialize(new
        {
            type = "event",
            data = new Dictionary<string, object?>
            {
                ["id"] = $"{order}-{version}",
                ["organization_id"] = "acme",
                ["order_id"] = order,
                ["version"] = version,
                ["status"] = $"s{version}",
                ["occurred_at"] = "2026-01-02T03:04:05.678900Z",
                ["details"] = details is null ? null : new { text = details },
                ["sequence"] = sequence,
            }.Where(field => field.Value is not null).ToDictionary(),
        }));
}
