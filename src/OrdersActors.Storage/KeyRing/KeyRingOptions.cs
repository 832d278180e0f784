namespace OrdersActors.Storage.KeyRing;

/// <summary>
/// The protection of the key ring that encrypts the secrets of API keys. Section <c>OrdersActors:KeyRing</c>.
/// </summary>
public sealed class KeyRingOptions
{
    /// <summary>
    /// A PKCS#12 file with a certificate and its RSA private key. Not set by default; then the key ring is not
    /// encrypted. If it is set, new keys of the ring are encrypted: a person who has the database or the data
    /// directory, but not this file, cannot decrypt the secrets. Existing keys of the ring are not changed and stay
    /// readable. Several files are separated by commas: the certificate whose validity begins last encrypts, and all of
    /// them decrypt. So a certificate can be replaced. Every server and the <c>keys</c> command need this setting.
    /// </summary>
    public string? CertificateFile { get; set; }

    /// <summary>
    /// The password, the same for all files; none by default. It is a secret, so set it through the environment. It is
    /// never logged.
    /// </summary>
    public string? CertificatePassword { get; set; }
}
