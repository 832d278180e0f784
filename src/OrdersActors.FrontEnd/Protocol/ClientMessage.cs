namespace OrdersActors.FrontEnd.Protocol;

/// <summary>The types of client messages.</summary>
internal enum ClientMessageType
{
    Unknown,
    Connect,
    Subscribe,
    Unsubscribe,
    Ping,
}

/// <summary>A client's message. Permissions are checked elsewhere.</summary>
internal sealed record ClientMessage
{
    /// <summary>The reason why the message is not valid; null if it is valid.</summary>
    public Refusal? Refusal { get; init; }

    /// <summary>The type; unknown if the message is not valid.</summary>
    public required ClientMessageType Type { get; init; }

    /// <summary>The type as the client wrote it.</summary>
    public required string TypeText { get; init; }

    /// <summary>
    /// The client's id for this request as raw JSON, which replies echo; null if the client gave no id.
    /// </summary>
    public string? Id { get; init; }

    /// <summary>The key of a connect; null if it is not given.</summary>
    public string? ApiKey { get; init; }

    /// <summary>The signature of a connect; null if it is not given.</summary>
    public string? AuthorizationSignature { get; init; }

    /// <summary>The token of a connect; null if it is not given. Never given together with a signature.</summary>
    public string? Token { get; init; }

    /// <summary>
    /// The order of an unsubscribe; null for the whole organization. If the message is not valid: the order that it
    /// names; null if it names no order, or if the name is not valid.
    /// </summary>
    public string? OrderId { get; init; }

    /// <summary>
    /// The entries of a subscribe: one for each element of <c>orders</c>, or a single one without <c>orders</c>. Only
    /// the latter may be for the whole organization. It is always valid.
    /// </summary>
    public IReadOnlyList<SubscribeEntry> Entries { get; init; } = [];
}
