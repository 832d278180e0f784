namespace OrdersActors.Storage.ApiKeys;

/// <summary>What protects the key ring that the secrets of API keys are encrypted with. Section <c>OrdersActors:KeyRing</c>.</summary>
public sealed class KeyRingOptions
{
    /// <summary>
    /// A PKCS#12 file with a certificate and its RSA private key; none by default, and the key ring is as it is stored. With it, keys
    /// that are added to the ring are encrypted, and who has the database, or the data directory, and not this file, cannot decrypt the
    /// secrets. Keys that are there already stay as they are, and stay readable. Several files are parted by commas: the certificate
    /// whose validity begins last encrypts, and all of them decrypt, so that one is replaced by another. Every server and <c>keys</c>
    /// need it.
    /// </summary>
    public string? CertificateFile { get; set; }

    /// <summary>The file's password, the same for all; none by default. A secret, so it comes from the environment; never logged.</summary>
    public string? CertificatePassword { get; set; }
}
