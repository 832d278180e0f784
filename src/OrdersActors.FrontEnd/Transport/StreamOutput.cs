namespace OrdersActors.FrontEnd.Transport;

/// <summary>Writes to a stream. A stream has no write that does not wait.</summary>
internal class StreamOutput(Stream stream) : IFrameOutput
{
    public int TrySend(ReadOnlySpan<byte> bytes) => 0;

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => stream.WriteAsync(bytes);
}
