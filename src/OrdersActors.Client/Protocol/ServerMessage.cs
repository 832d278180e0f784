using System.Text.Json;

namespace OrdersActors.Client.Protocol;

/// <summary>A message of the server. Its data is read only if the type is known.</summary>
/// <param name="Type">The type.</param>
/// <param name="Id">The id of the request that it answers; null if it answers none of this client.</param>
/// <param name="Data">The data; empty if the type is not known.</param>
internal readonly record struct ServerMessage(string Type, long? Id, ServerData Data);

/// <summary>The envelope of a message of the server.</summary>
internal sealed record ServerEnvelope
{
    public string? Type { get; init; }

    public JsonElement Id { get; init; }

    public JsonElement Data { get; init; }
}

/// <summary>The data of all messages of the server.</summary>
internal sealed record ServerData
{
    public static ServerData None { get; } = new();

    public string? Id { get; init; }

    public string? OrganizationId { get; init; }

    public string? OrderId { get; init; }

    public long? Version { get; init; }

    public long? Sequence { get; init; }

    public string? Status { get; init; }

    public DateTimeOffset? OccurredAt { get; init; }

    public JsonElement? Details { get; init; }

    public bool? Resumed { get; init; }

    public long? Earliest { get; init; }

    public string? Epoch { get; init; }

    public long? Position { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public string? Code { get; init; }

    public string? Message { get; init; }

    public long? RetryAfterMs { get; init; }

    /// <summary>The event; null if a field is missing.</summary>
    public OrderUpdate? ToUpdate() =>
        Id is null || OrganizationId is null || OrderId is null || Version is not { } version || Status is null
        || OccurredAt is not { } time
            ? null
            : new OrderUpdate
            {
                Id = Id,
                OrganizationId = OrganizationId,
                OrderId = OrderId,
                Version = version,
                Sequence = Sequence,
                Status = Status,
                OccurredAt = time,
                Details = Details is { ValueKind: JsonValueKind.Object } ? Details : null,
            };

    /// <summary>The error; its code is empty if the server sent none.</summary>
    public ServerError ToError() => new(
        Code ?? "", Message ?? "", OrderId,
        TimeSpan.FromMilliseconds(Math.Clamp(RetryAfterMs ?? 0, 0, MostRetryAfterMs)));

    // Nobody waits longer because of one message.
    private const long MostRetryAfterMs = 10 * 60 * 1000;
}
