using System.Security.Cryptography;

namespace OrdersActors.Publishing.Tls;

/// <summary>What the files of <see cref="OrderTlsOptions"/> contained at one moment.</summary>
/// <param name="Certificate">PKCS#12, or PEM if there is a key.</param>
/// <param name="Key">The private key in PEM, or null for PKCS#12.</param>
/// <param name="Authority">The authorities in PEM.</param>
internal sealed record TlsFileContents(byte[] Certificate, byte[]? Key, byte[] Authority)
{
    /// <summary>A hash that differs if any of the files differs.</summary>
    public string Fingerprint { get; } = Convert.ToHexString(SHA256.HashData(
    [
        .. SHA256.HashData(Certificate), .. SHA256.HashData(Key ?? []), .. SHA256.HashData(Authority),
    ]));
}
