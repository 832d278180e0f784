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

    /// <summary>Returns those of the given keys that are no longer valid. At most 1,000 keys per call.</summary>
    [Alias("FindRevoked"), ResponseTimeout(Deadlines.FrontEndCall)]
    Task<string[]> FindRevoked(string[] apiKeys);
}
