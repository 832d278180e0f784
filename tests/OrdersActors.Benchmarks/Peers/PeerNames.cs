namespace OrdersActors.Benchmarks.Peers;

/// <summary>The servers that are compared.</summary>
internal static class PeerNames
{
    /// <summary>OrdersActors itself, which stores each event durably.</summary>
    public const string Orders = "orders";

    /// <summary>The same with compression, which its clients offer.</summary>
    public const string OrdersCompressed = "orders-compressed";

    /// <summary>SignalR of ASP.NET Core: the JSON protocol, one group for each order.</summary>
    public const string SignalR = "signalr";

    /// <summary>ASP.NET Core's WebSockets, with one call of SendAsync for each delivery.</summary>
    public const string SendAsync = "sendasync";

    /// <summary>Kestrel, with one non-blocking send on the connection's own socket for each delivery.</summary>
    public const string KestrelDirect = "kestrel-direct";

    /// <summary>Bun's WebSocket server, with its publish.</summary>
    public const string Bun = "bun";

    /// <summary>nats-server, with its WebSocket listener. It only has W1 and W2.</summary>
    public const string Nats = "nats";
}
