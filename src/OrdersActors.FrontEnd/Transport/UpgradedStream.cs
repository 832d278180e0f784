using Microsoft.AspNetCore.Http;

namespace OrdersActors.FrontEnd.Transport;

/// <summary>
/// The stream of an upgraded request, with TLS or HTTP/2. The web server disposes of it when the request ends.
/// </summary>
internal sealed class UpgradedStream(Stream stream, HttpContext context) : IUpgradedTransport
{
    public Stream Input => stream;

    public CancellationToken Closed { get; } = context.RequestAborted;

    /// <summary>Returns 0, because a stream has no write that does not wait.</summary>
    public int TrySend(ReadOnlySpan<byte> bytes) => 0;

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => stream.WriteAsync(bytes, CancellationToken.None);

    public void Abort() => context.Abort();

    public void Dispose()
    {
    }
}
