namespace OrdersActors;

/// <summary>
/// The credentials of a client: a key, and at most one proof. Without a proof, only what an open key allows is allowed.
/// </summary>
[GenerateSerializer, Immutable, Alias("OrdersActors.ClientCredentials")]
public sealed record ClientCredentials
{
    /// <summary>The API key. May be empty if a token names it in its header.</summary>
    [Id(0)] public required string ApiKey { get; init; }

    /// <summary>An <c>authorization_signature</c>, or null.</summary>
    [Id(1)] public string? Signature { get; init; }

    /// <summary>A JSON Web Token, or null.</summary>
    [Id(2)] public string? Token { get; init; }

    /// <summary>The key's secret itself, as HTTP Basic authentication sends it, or null.</summary>
    [Id(3)] public string? Secret { get; init; }

    /// <summary>The method that the signature covers: <c>GET</c> for <c>/ws</c>, else that of the request.</summary>
    [Id(4)] public string Method { get; init; } = "GET";

    /// <summary>The path that the signature covers, without the query.</summary>
    [Id(5)] public string Path { get; init; } = "/ws";

    /// <summary>Omits key, token and secret, so that they do not appear in logs.</summary>
    public override string ToString() => $"credentials for {Method} {Path}";
}
