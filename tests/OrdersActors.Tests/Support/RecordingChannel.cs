using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.Tests.Support;

/// <summary>A client that records its frames and the reason of its close. Thread-safe except for the list.</summary>
internal sealed class RecordingChannel : IClientChannel
{
    private CloseReason? _closed;

    public List<byte[]> Frames { get; } = [];

    /// <summary>The reason to close the connection; null if it stays open.</summary>
    public CloseReason? Closed => Volatile.Read(ref _closed);

    public bool IsClosing => Closed is not null;

    public int CompressionWindow { get; init; }

    public void Send(byte[] frame) => Frames.Add(frame);

    public void Close(CloseReason reason) => Interlocked.CompareExchange(ref _closed, reason, null);
}
