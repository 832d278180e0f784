namespace OrdersActors.FrontEnd.Connections;

/// <summary>
/// How many messages a client may send: a token bucket, and as many refusals on credit before the connection ends.
/// Pings, pongs and continuation frames count as messages, because each of them is work. Used by the connection's
/// reader only.
/// </summary>
/// <remarks>
/// A client that comes back may have the maximum of subscriptions to make again, each with a message of its own. So
/// once it has authenticated it may send that many messages more than the bucket admits, once in a connection's life.
/// </remarks>
internal sealed class MessageRateLimit(FrontEndOptions options, TimeProvider time)
{
    private int _allowance;
    private TokenBucket _bucket = new(options.MessageBurst, time.GetTimestamp());

    /// <summary>When the next message will be accepted, if none is sent until then.</summary>
    public TimeSpan RetryAfter => _bucket.UntilNext(options.MessageRate);

    /// <summary>Lets the client send this many messages more than the bucket admits.</summary>
    public void Allow(int messages) => _allowance += messages;

    /// <summary>What to do with one more message.</summary>
    public MessageVerdict Take()
    {
        _bucket.Refill(options.MessageRate, options.MessageBurst, time);
        if (_bucket.Tokens < 1 && _allowance > 0)
        {
            _allowance--;
            return MessageVerdict.Accept;
        }

        // Refused messages count too, so a client that goes on regardless sinks to the bottom.
        _bucket.Add(-1);
        return _bucket.Tokens >= 0 ? MessageVerdict.Accept
            : _bucket.Tokens >= -options.MessageBurst ? MessageVerdict.Refuse
            : MessageVerdict.Disconnect;
    }
}

internal enum MessageVerdict
{
    Accept,
    Refuse,
    Disconnect,
}
