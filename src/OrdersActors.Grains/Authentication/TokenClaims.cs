using System.Text.Json;

namespace OrdersActors.Grains.Authentication;

/// <summary>
/// The claims of a token that are used; all others are ignored. They are read without a clock. <c>sub</c>,
/// <c>orders</c> and <c>scope</c> count as missing if they are null.
/// </summary>
internal sealed record TokenClaims
{
    /// <summary>Most order ids in one token.</summary>
    public const int MaxOrders = 500;

    /// <summary>The only value of <c>scope</c>.</summary>
    public const string OrganizationScope = "organization";

    /// <summary><c>exp</c>, Unix seconds.</summary>
    public required double Expiry { get; init; }

    /// <summary><c>nbf</c>, Unix seconds; 0 if it is missing.</summary>
    public required double NotBefore { get; init; }

    /// <summary><c>iat</c>, Unix seconds; 0 if it is missing.</summary>
    public required double IssuedAt { get; init; }

    /// <summary><c>sub</c>; null if it is missing or empty.</summary>
    public required string? Subject { get; init; }

    /// <summary><c>orders</c>; null if <c>scope</c> is given instead.</summary>
    public required string[]? Orders { get; init; }

    /// <summary>Reads the claims; null if one of them is wrong.</summary>
    public static TokenClaims? Read(JsonElement claims, out TokenFault fault)
    {
        if (Find(claims, "exp") is not { } exp || NumberOf(exp) is not { } expiry)
        {
            fault = TokenFault.NoExpiry;
            return null;
        }

        var (orders, scope) = (Find(claims, "orders"), Find(claims, "scope"));
        if (orders is null == scope is null)
        {
            fault = TokenFault.NoScope;
            return null;
        }

        if (orders is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() > MaxOrders)
        {
            fault = TokenFault.TooManyOrders;
            return null;
        }

        var ids = orders is { } given ? ReadOrders(given) : null;
        var isValid = TryReadTime(claims, "nbf", out var notBefore)
            & TryReadTime(claims, "iat", out var issuedAt)
            & TryReadSubject(claims, out var subject)
            & (orders is null ? TextOf(scope!.Value) == OrganizationScope : ids is not null);
        fault = isValid ? TokenFault.None : TokenFault.InvalidClaim;
        return isValid
            ? new TokenClaims
            {
                Expiry = expiry,
                NotBefore = notBefore,
                IssuedAt = issuedAt,
                Subject = subject,
                Orders = ids,
            }
            : null;
    }

    /// <summary>The text of a string; null for another type, and for a string that is not valid Unicode.</summary>
    public static string? TextOf(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json throws this for an escaped lone surrogate.
            return null;
        }
    }

    private static JsonElement? Find(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    // RFC 7519 allows fractions of a second, and Python's time.time() has them.
    private static double? NumberOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) ? number : null;

    private static bool TryReadTime(JsonElement claims, string name, out double time)
    {
        var number = claims.TryGetProperty(name, out var value) ? NumberOf(value) : 0;
        time = number ?? 0;
        return number is not null;
    }

    // The subject appears in logs, so it has the rules of an order id: 128 characters, no control characters.
    private static bool TryReadSubject(JsonElement claims, out string? subject)
    {
        var value = Find(claims, "sub");
        subject = value is { } given ? TextOf(given) : "";
        var isValid = subject is "" || OrderEventRules.IsOrderId(subject);
        subject = isValid && subject is not "" ? subject : null;
        return isValid;
    }

    private static string[]? ReadOrders(JsonElement orders)
    {
        if (orders.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var ids = new string[orders.GetArrayLength()];
        for (var i = 0; i < ids.Length; i++)
        {
            var id = TextOf(orders[i]);
            if (!OrderEventRules.IsOrderId(id))
            {
                return null;
            }

            ids[i] = id!;
        }

        return ids;
    }
}
