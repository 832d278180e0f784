namespace OrdersActors;

/// <summary>
/// Authenticates clients. It runs in the silos so that secrets never leave them.
/// </summary>
[Alias("OrdersActors.IAuthenticationGrain")]
public interface IAuthenticationGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Checks an API key and, if given, an authorization signature. An invalid signature fails the whole
    /// authentication.
    /// </summary>
    [Alias("Authenticate"), ResponseTimeout(Deadlines.FrontEndCall)]
    Task<AuthenticationResult> Authenticate(string apiKey, string? authorizationSignature);

    /// <summary>
    /// Checks a client's credentials. An invalid proof fails the whole authentication. A silo of a previous version
    /// does not know this method.
    /// </summary>
    [Alias("AuthenticateClient"), ResponseTimeout(Deadlines.FrontEndCall)]
    Task<AuthenticationResult> AuthenticateClient(ClientCredentials credentials);

    /// <summary>
    /// Returns those of the given uses that have ended: the key is revoked or expired, the secret is no longer valid,
    /// or a key without proof has become restricted. At most 1,000 per call. A silo of a previous version does not know
    /// this method.
    /// </summary>
    [Alias("FindEnded"), ResponseTimeout(Deadlines.FrontEndCall)]
    Task<KeyUse[]> FindEnded(KeyUse[] uses);

    /// <summary>Returns those of the given keys that are no longer valid. At most 1,000 keys per call.</summary>
    [Alias("FindRevoked"), ResponseTimeout(Deadlines.FrontEndCall)]
    Task<string[]> FindRevoked(string[] apiKeys);
}
