namespace OrdersActors.Client.Protocol;

/// <summary>An error as the server reports it.</summary>
internal sealed record ServerError(string Code, string Message, string? OrderId = null, TimeSpan RetryAfter = default)
{
    /// <summary>Whether the answer to a subscribe may be another one later.</summary>
    public bool IsTemporary => Code is "unavailable" or "rate_limited";

    public OrdersClientException ToException(string? orderId = null) => new(Code, Message, orderId ?? OrderId);
}
