using Microsoft.AspNetCore.Http;

namespace OrdersActors.FrontEnd.Transport;

/// <summary>
/// The stream of an upgraded request, with TLS or HTTP/2. The web server disposes of it when the request ends.
/// </summary>
internal sealed class UpgradedStream(Stream stream, HttpContext context)
    : StreamOutput(stream), IUpgradedTransport
{
    public Stream Input { get; } = stream;

    public CancellationToken Closed { get; } = context.RequestAborted;

    public void Abort() => context.Abort();

    public void Dispose()
    {
    }
}
