using OrdersActors.FrontEnd.Subscriptions;

namespace OrdersActors.FrontEnd.Protocol;

/// <summary>What a client may ask for.</summary>
internal enum ClientMessageType
{
    Unknown,
    Connect,
    Subscribe,
    Unsubscribe,
    Ping,
}

/// <summary>A client's message, syntactically sound. Who may ask for what is decided elsewhere.</summary>
internal sealed record ClientMessage
{
    public required ClientMessageType Type { get; init; }

    /// <summary>The type as the client wrote it.</summary>
    public required string TypeText { get; init; }

    /// <summary>The client's own id for this request as raw JSON, to be echoed; null where it gave none.</summary>
    public string? Id { get; init; }

    /// <summary>Of a connect; null where it is missing.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Of a connect; null where it is missing, which is not the same as empty.</summary>
    public string? AuthorizationSignature { get; init; }

    /// <summary>Of a subscribe or unsubscribe; null for the whole organization.</summary>
    public string? OrderId { get; init; }

    /// <summary>Of a subscribe: from where on; null for what comes from now on.</summary>
    public ResumePoint? Resume { get; init; }
}
