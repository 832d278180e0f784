using System.Buffers;
using System.Text;
using System.Text.Json;

namespace OrdersActors.Grains.Authentication;

/// <summary>Makes tokens, as the backend of an application does.</summary>
public static class TokenSigner
{
    /// <summary>Most order ids in one token.</summary>
    public const int MaxOrders = TokenClaims.MaxOrders;

    /// <summary>Longest token in characters.</summary>
    public const int MaxLength = ClientToken.MaxLength;

    /// <summary>Makes a token. The grant is not checked: the server does that when a client connects.</summary>
    /// <param name="apiKey">The API key, which the token's header names.</param>
    /// <param name="apiSecret">A live secret of the key.</param>
    /// <param name="grant">What the token allows, and until when.</param>
    /// <param name="issuedAt">The current time.</param>
    public static string Create(string apiKey, string apiSecret, TokenGrant grant, DateTimeOffset issuedAt)
    {
        ArgumentException.ThrowIfNullOrEmpty(apiKey);
        ArgumentException.ThrowIfNullOrEmpty(apiSecret);
        ArgumentNullException.ThrowIfNull(grant);
        return TokenSignature.Sign(WriteClaims(grant, issuedAt), apiKey, apiSecret);
    }

    private static string WriteClaims(TokenGrant grant, DateTimeOffset issuedAt)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        if (grant.Subject is not null)
        {
            json.WriteString("sub"u8, grant.Subject);
        }

        if (grant.IsOrganization)
        {
            json.WriteString("scope"u8, TokenClaims.OrganizationScope);
        }
        else
        {
            json.WriteStartArray("orders"u8);
            foreach (var order in grant.Orders)
            {
                json.WriteStringValue(order);
            }

            json.WriteEndArray();
        }

        json.WriteNumber("iat"u8, issuedAt.ToUnixTimeSeconds());
        json.WriteNumber("exp"u8, grant.ExpiresAt.ToUnixTimeSeconds());
        json.WriteEndObject();
        json.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
