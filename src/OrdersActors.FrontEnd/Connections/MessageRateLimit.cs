namespace OrdersActors.FrontEnd.Connections;

/// <summary>
/// How many messages a client may send: a token bucket, and as many refusals on credit before the connection ends. Used
/// by the connection's reader only.
/// </summary>
/// <remarks>
/// A client that comes back may have the maximum of subscriptions to make again, each with a message of its own. So
/// once it has authenticated it may send that many messages more than the bucket admits, once in a connection's life.
/// </remarks>
internal sealed class MessageRateLimit(FrontEndOptions options, TimeProvider time)
{
    private double _tokens = options.MessageBurst;
    private int _allowance;
    private long _refilledAt = time.GetTimestamp();

    /// <summary>Lets the client send this many messages more than the bucket admits.</summary>
    public void Allow(int messages) => _allowance += messages;

    /// <summary>What to do with one more message.</summary>
    public MessageVerdict Take()
    {
        var now = time.GetTimestamp();
        _tokens = Math.Min(
            options.MessageBurst,
            _tokens + (time.GetElapsedTime(_refilledAt, now).TotalSeconds * options.MessageRate));
        _refilledAt = now;

        if (_tokens < 1 && _allowance > 0)
        {
            _allowance--;
            return MessageVerdict.Accept;
        }

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
