using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OrdersActors.TestServer;

/// <summary>A certificate with its key, in the forms of the settings.</summary>
/// <param name="Pem">The certificate in PEM.</param>
/// <param name="KeyPem">The key in PEM.</param>
/// <param name="EncryptedKeyPem">The key in PEM, encrypted with <see cref="Password"/>.</param>
/// <param name="Pkcs12">Certificate and key, encrypted with <see cref="Password"/>.</param>
public sealed record TestCertificate(string Pem, string KeyPem, string EncryptedKeyPem, byte[] Pkcs12)
{
    /// <summary>The password of the encrypted forms.</summary>
    public const string Password = "open-sesame";

    internal static TestCertificate Of(X509Certificate2 certificate, ECDsa key) => new(
        certificate.ExportCertificatePem() + "\n",
        key.ExportPkcs8PrivateKeyPem() + "\n",
        key.ExportEncryptedPkcs8PrivateKeyPem(
            Password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)) + "\n",
        certificate.Export(X509ContentType.Pkcs12, Password));
}
