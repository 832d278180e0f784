namespace OrdersActors.FrontEnd.Limits;

/// <summary>
/// Limits how many messages a client may send: a token bucket, and as many refusals as it has tokens before the
/// connection is closed. Pings, pongs and continuation frames count as messages, because each of them is work. Used
/// only by the connection's reader.
/// </summary>
/// <remarks>
/// A client that reconnects may have to renew the maximum number of subscriptions, each with its own message. So after
/// it has authenticated, it may send that many messages more than the bucket admits, once per connection.
/// </remarks>
internal sealed class MessageRateLimit(FrontEndOptions options, TimeProvider time)
{
    private int _allowance;
    private TokenBucket _bucket = new(options.MessageBurst, time.GetTimestamp());

    /// <summary>The time until the next message will be accepted, if none is sent before that.</summary>
    public TimeSpan RetryAfter => _bucket.UntilNext(options.MessageRate);

    /// <summary>Lets the client send this many messages more than the bucket admits.</summary>
    public void Allow(int messages) => _allowance += messages;

    /// <summary>Counts one message and returns how to handle it.</summary>
    public MessageVerdict Take()
    {
        _bucket.Refill(options.MessageRate, options.MessageBurst, time);
        if (_bucket.Tokens < 1 && _allowance > 0)
        {
            _allowance--;
            return MessageVerdict.Accept;
        }

        // Refused messages count too, so a client that does not slow down is disconnected.
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
