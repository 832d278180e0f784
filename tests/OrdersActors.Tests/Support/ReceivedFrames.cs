using System.Text.Json;

namespace OrdersActors.Tests.Support;

/// <summary>An event as a client received it.</summary>
internal sealed record ReceivedEvent(string Order, long Version, long? Sequence);

/// <summary>Parses the frames sent to a socket into events.</summary>
internal sealed class ReceivedFrames : MemoryStream
{
    private readonly List<ReceivedEvent> _events = [];
    private int _replies;

    /// <summary>The client reads nothing until this task is completed.</summary>
    public Task Reading { get; set; } = Task.CompletedTask;

    /// <summary>The number of received messages that are not events.</summary>
    public int Replies => Volatile.Read(ref _replies);

    public List<ReceivedEvent> Events
    {
        get
        {
            lock (_events)
            {
                return [.. _events];
            }
        }
    }

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await Reading;
        // Every write contains whole frames with payloads below 64 KiB.
        var rest = buffer;
        while (rest.Length > 0)
        {
            var header = rest.Span[1] == 126 ? 4 : 2;
            var length = header == 4 ? (rest.Span[2] << 8) | rest.Span[3] : rest.Span[1];
            Take(rest.Slice(header, length));
            rest = rest[(header + length)..];
        }
    }

    private void Take(ReadOnlyMemory<byte> payload)
    {
        using var json = JsonDocument.Parse(payload);
        if (!json.RootElement.TryGetProperty("data", out var data))
        {
            Interlocked.Increment(ref _replies);
            return;
        }

        lock (_events)
        {
            _events.Add(new ReceivedEvent(
                data.GetProperty("order_id").GetString()!,
                data.GetProperty("version").GetInt64(),
                data.TryGetProperty("sequence", out var sequence) ? sequence.GetInt64() : null));
        }
    }
}
