namespace OrdersActors.FrontEnd.Transport;

/// <summary>The transport of a connection after its upgrade. Disposed when the connection has ended.</summary>
internal interface IUpgradedTransport : IFrameOutput, IDisposable
{
    /// <summary>What the client sends. A read with an empty buffer waits until there are bytes.</summary>
    Stream Input { get; }

    /// <summary>Cancelled at the end of the transport, unless a pending read ends by itself then.</summary>
    CancellationToken Closed { get; }

    /// <summary>Ends the transport at once: pending reads and writes end or fail.</summary>
    void Abort();
}
