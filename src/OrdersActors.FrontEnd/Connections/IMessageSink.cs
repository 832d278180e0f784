namespace OrdersActors.FrontEnd.Connections;

/// <summary>The connection, as <see cref="MessageReader"/> calls it. One call at a time.</summary>
internal interface IMessageSink
{
    /// <summary>A whole message, UTF-8; valid until the task completes.</summary>
    Task OnMessageAsync(ReadOnlyMemory<byte> text);

    /// <summary>
    /// A frame that is not the beginning of a message: a control frame or a continuation. It counts against the message rate, because
    /// each costs as much as a small message. False if the frame must not be answered.
    /// </summary>
    bool OnFrame();

    /// <summary>A ping that is to be answered with this payload of at most 125 bytes.</summary>
    void OnPing(ReadOnlySpan<byte> payload);
}
