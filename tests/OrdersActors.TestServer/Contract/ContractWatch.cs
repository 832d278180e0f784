using System.Text.Json;

namespace OrdersActors.TestServer.Contract;

/// <summary>
/// Validates the text messages of one connection with the AsyncAPI document.
/// </summary>
/// <remarks>
/// <para>A message of the server must always be valid.</para>
/// <para>A test may send a message that is not valid, if the server refuses it: for each such message, an error must
/// come after it, with one of the codes for messages that are wrong (<see cref="Refusals"/>). Each error excuses one
/// message. If the server accepts the message, the document is too strict, and the test fails.</para>
/// <para>A connection that the server has closed, or whose transport has ended, gives no more answers. So the rest of
/// its messages is not judged.</para>
/// <para>May be used by a sender and a receiver at the same time.</para>
/// </remarks>
public sealed class ContractWatch
{
    private static readonly HashSet<string> Refusals =
    [
        "invalid_message", "unknown_type", "not_authenticated", "invalid_api_key", "invalid_signature",
        "invalid_token", "rate_limited",
    ];

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private readonly Lock _lock = new();
    private readonly Queue<string> _unanswered = new();
    private string? _violation;

    /// <summary>The first message that is not valid and that no error has answered yet; null without one.</summary>
    public string? Unanswered
    {
        get
        {
            lock (_lock)
            {
                return _unanswered.TryPeek(out var first) ? first : null;
            }
        }
    }

    /// <summary>Validates a message that the client is about to send.</summary>
    public void Sent(ReadOnlyMemory<byte> utf8)
    {
        if (ProblemOf(utf8) is { } problem)
        {
            lock (_lock)
            {
                _unanswered.Enqueue($"{Shorten(System.Text.Encoding.UTF8.GetString(utf8.Span))} ({problem})");
            }
        }
    }

    /// <summary>Validates a message that the client has received.</summary>
    public void Received(JsonElement message)
    {
        var problem = MessageSchemas.Current.ProblemOfReply(message);
        lock (_lock)
        {
            if (problem is not null)
            {
                _violation ??= $"The server sent a message that its schema does not allow ({problem}): "
                    + Shorten(message.GetRawText());
            }
            else if (message.GetProperty("type").ValueEquals("error")
                && Refusals.Contains(message.GetProperty("data").GetProperty("code").GetString()!))
            {
                _unanswered.TryDequeue(out _);
            }
        }
    }

    /// <exception cref="InvalidOperationException">The server sent a message that is not valid.</exception>
    public void ThrowIfViolated()
    {
        lock (_lock)
        {
            if (_violation is not null)
            {
                throw new InvalidOperationException(_violation);
            }
        }
    }

    private static string? ProblemOf(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var json = JsonDocument.Parse(utf8, Strict);
            return MessageSchemas.Current.ProblemOfRequest(json.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // System.Text.Json throws the latter for an escaped lone surrogate.
            return e.Message;
        }
    }

    private static string Shorten(string text) => text.Length <= 500 ? text : text[..500] + "…";
}
