namespace OrdersActors;

/// <summary>Why a use of a key has ended.</summary>
[GenerateSerializer, Alias("OrdersActors.KeyEnd")]
public enum KeyEnd
{
    /// <summary>The use has not ended.</summary>
    None,

    /// <summary>The key is revoked, or does not exist.</summary>
    Revoked,

    /// <summary>The key has expired.</summary>
    Expired,

    /// <summary>The secret that proved the signature or token is no longer valid.</summary>
    SecretEnded,

    /// <summary>There is no proof, and the key's access mode is restricted.</summary>
    Restricted,
}
