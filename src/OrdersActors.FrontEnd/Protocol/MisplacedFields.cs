using System.Text.Json;

namespace OrdersActors.FrontEnd.Protocol;

/// <summary>
/// Finds fields that resemble a field of the protocol but differ from it: another spelling (<c>orderId</c>,
/// <c>api-key</c>, <c>After</c>), or the right name outside of <c>data</c>. They would be ignored as unknown, and the
/// message would mean something else. In the worst case, a subscription to one order would become a subscription to the
/// whole organization.
/// </summary>
internal static class MisplacedFields
{
    private const int LongestLookAlike = 40;

    /// <summary>
    /// Returns the problem with a message, which names the expected place; null if no field is misplaced.
    /// </summary>
    public static string? Find(ClientMessageType type, JsonElement root, JsonElement data)
    {
        if (type is not (ClientMessageType.Connect or ClientMessageType.Subscribe or ClientMessageType.Unsubscribe))
        {
            return null;
        }

        foreach (var property in root.EnumerateObject())
        {
            // An "id" at this level is the id of the message.
            if (!property.NameEquals("id"u8) && FieldLike(type, property.Name) is { } field)
            {
                return $"\"{property.Name}\" is outside of data: expected \"{field}\" inside data";
            }
        }

        if (FindIn(type, data, "data") is { } problem)
        {
            return problem;
        }

        // Without order_id or orders, the message would apply to the whole organization.
        return type == ClientMessageType.Connect || IsInPlace(data, "order_id")
            ? null
            : FindNestedOrder(root, data);
    }

    /// <summary>
    /// Checks the field names of an object that has the fields of a message. Returns the problem; null if no field is
    /// misspelled.
    /// </summary>
    public static string? FindIn(ClientMessageType type, JsonElement data, string place)
    {
        if (data.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        foreach (var property in data.EnumerateObject())
        {
            if (FieldLike(type, property.Name) is { } field && field != property.Name && !IsInPlace(data, field))
            {
                return $"{place} has \"{property.Name}\": expected \"{field}\"";
            }
        }

        return null;
    }

    /// <summary>Returns the protocol's field that a name equals or resembles; null if it resembles no field.</summary>
    private static string? FieldLike(ClientMessageType type, string name)
    {
        if (name.Length > LongestLookAlike)
        {
            return null;
        }

        Span<char> canonical = stackalloc char[name.Length];
        var length = 0;
        foreach (var c in name)
        {
            if (char.IsLetterOrDigit(c))
            {
                canonical[length++] = char.ToLowerInvariant(c);
            }
        }

        ReadOnlySpan<char> canonicalName = canonical[..length];
        return type == ClientMessageType.Connect ? OfConnect(canonicalName) : OfSubscribe(canonicalName, type);
    }

    private static string? OfConnect(ReadOnlySpan<char> name) => name switch
    {
        "apikey" or "key" => "api_key",
        "authorizationsignature" or "authorization" or "authsignature" or "signature" => "authorization_signature",
        "token" or "accesstoken" or "authtoken" or "jwt" => "token",
        _ => null,
    };

    private static string? OfSubscribe(ReadOnlySpan<char> name, ClientMessageType type) => name switch
    {
        "orderid" or "order" or "id" or "orderno" or "ordernumber" or "orderref" or "orderkey" => "order_id",
        "orders" or "orderids" or "ids" => "orders",
        "after" when type == ClientMessageType.Subscribe => "after",
        "last" when type == ClientMessageType.Subscribe => "last",
        "epoch" when type == ClientMessageType.Subscribe => "epoch",
        _ => null,
    };

    /// <summary>
    /// Searches for an order's id below the fields of the message, except <c>data</c>, and below the fields of
    /// <c>data</c>.
    /// </summary>
    private static string? FindNestedOrder(JsonElement root, JsonElement data)
    {
        foreach (var property in root.EnumerateObject())
        {
            if (!property.NameEquals("data"u8) && FindOrder(property.Value) is { } problem)
            {
                return problem;
            }
        }

        if (data.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in data.EnumerateObject())
            {
                if (FindOrder(property.Value) is { } problem)
                {
                    return problem;
                }
            }
        }

        return null;
    }

    /// <summary>Searches for an order's id anywhere in a value. The parser limits the depth.</summary>
    private static string? FindOrder(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
            {
                if (FindOrder(item) is { } problem)
                {
                    return problem;
                }
            }
        }
        else if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in value.EnumerateObject())
            {
                if (IsOrderName(property.Name))
                {
                    return $"\"{property.Name}\" is not directly inside data: expected \"order_id\" there";
                }

                if (FindOrder(property.Value) is { } problem)
                {
                    return problem;
                }
            }
        }

        return null;
    }

    // An "id" inside an unknown field may be the id of anything.
    private static bool IsOrderName(string name) =>
        !name.Equals("id", StringComparison.OrdinalIgnoreCase)
        && FieldLike(ClientMessageType.Unsubscribe, name) is not null;

    private static bool IsInPlace(JsonElement data, string field) =>
        field is "order_id" or "orders" ? IsGiven(data, "order_id") || HasField(data, "orders") : IsGiven(data, field);

    private static bool HasField(JsonElement data, string name) =>
        data.ValueKind == JsonValueKind.Object && data.TryGetProperty(name, out _);

    private static bool IsGiven(JsonElement data, string name) =>
        data.ValueKind == JsonValueKind.Object
        && data.TryGetProperty(name, out var value)
        && value.ValueKind != JsonValueKind.Null
        && !(value.ValueKind == JsonValueKind.String && value.ValueEquals(""u8));
}
