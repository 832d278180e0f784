using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.Tests.Support;

/// <summary>The transport of a connection on a stream of the test.</summary>
internal sealed class TestTransport(Stream stream, Action abort) : IUpgradedTransport
{
    public Stream Input => stream;

    public CancellationToken Closed => CancellationToken.None;

    public bool IsDisposed { get; private set; }

    public int TrySend(ReadOnlySpan<byte> bytes) => 0;

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => stream.WriteAsync(bytes);

    public void Abort() => abort();

    public void Dispose() => IsDisposed = true;
}
