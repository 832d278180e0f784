namespace OrdersActors.Client.Protocol;

/// <summary>A message to the server. Fields that are null are not sent.</summary>
internal sealed record ClientMessage(string Type, RequestData? Data = null, long? Id = null);

/// <summary>The data of all messages to the server.</summary>
internal sealed record RequestData
{
    public string? ApiKey { get; init; }

    public string? AuthorizationSignature { get; init; }

    public string? Token { get; init; }

    public string? OrderId { get; init; }

    public long? After { get; init; }

    public int? Last { get; init; }

    public string? Epoch { get; init; }

    public IReadOnlyList<RequestData>? Orders { get; init; }
}
