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

    /// <summary>The client's own id for this request as raw JSON, to be echoed; null if it gave none.</summary>
    public string? Id { get; init; }

    /// <summary>Of a connect; null if it is not given.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Of a connect; null if it is not given.</summary>
    public string? AuthorizationSignature { get; init; }

    /// <summary>Of an unsubscribe; null for the whole organization.</summary>
    public string? OrderId { get; init; }

    /// <summary>
    /// Of a subscribe: one entry, or one for each element of <c>orders</c>. Only the single entry of a message without
    /// <c>orders</c> may be for the whole organization, and it is sound.
    /// </summary>
    public IReadOnlyList<SubscribeEntry> Entries { get; init; } = [];
}
