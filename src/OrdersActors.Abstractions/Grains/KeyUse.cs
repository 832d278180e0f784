namespace OrdersActors;

/// <summary>What a live connection's access depends on.</summary>
/// <param name="ApiKey">The key that authenticated it.</param>
/// <param name="SecretId">
/// The secret that proved its signature or token (<see cref="AuthenticationResult.SecretId"/>); 0 if it has no proof,
/// and therefore access only as long as the key's access mode is open.
/// </param>
[GenerateSerializer, Immutable, Alias("OrdersActors.KeyUse")]
public readonly record struct KeyUse([property: Id(0)] string ApiKey, [property: Id(1)] int SecretId)
{
    /// <summary>Omits the key, so that it does not appear in logs.</summary>
    public override string ToString() => $"use of secret {SecretId}";
}
