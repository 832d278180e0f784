namespace OrdersActors.FrontEnd.Transport;

/// <summary>Where an <see cref="OutboundQueue"/> writes to. One write is made at a time.</summary>
internal interface IFrameOutput
{
    /// <summary>
    /// Sends as many of the bytes as possible without waiting, and returns their number. Returns 0 if nothing can be
    /// sent now, if the transport cannot do this, or if it has failed. A failure is reported by the next
    /// <see cref="WriteAsync"/>.
    /// </summary>
    int TrySend(ReadOnlySpan<byte> bytes);

    /// <summary>Sends all bytes.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes);
}
