using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.Tests.Support;

/// <summary>The transport of a connection on a stream of the test.</summary>
internal sealed class TestTransport(Stream stream, Action abort) : StreamOutput(stream), IUpgradedTransport
{
    public Stream Input { get; } = stream;

    public CancellationToken Closed => CancellationToken.None;

    public bool IsDisposed { get; private set; }

    public void Abort() => abort();

    public void Dispose() => IsDisposed = true;
}
