namespace OrdersActors.FrontEnd.Connections;

/// <summary>
/// How many messages a client may send: a token bucket, and as many refusals on credit before the connection ends. Used
/// by the connection's reader only.
/// </summary>
internal sealed class MessageRateLimit(FrontEndOptions options, TimeProvider time)
{
    private double _tokens = options.MessageBurst;
    private long _refilledAt = time.GetTimestamp();

    /// <summary>What to do with one more message.</summary>
    public MessageVerdict Take()
    {
        var now = time.GetTimestamp();
        _tokens = Math.Min(
            options.MessageBurst,
            _tokens + (time.GetElapsedTime(_refilledAt, now).TotalSeconds * options.MessageRate));
        _refilledAt = now;

        // Refused messages are counted too, so a client that goes on regardless sinks to the bottom.
        _tokens -= 1;
        return _tokens >= 0 ? MessageVerdict.Accept
            : _tokens >= -options.MessageBurst ? MessageVerdict.Refuse
            : MessageVerdict.Disconnect;
    }
}

internal enum MessageVerdict
{
    Accept,
    Refuse,
    Disconnect,
}
