using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OrdersActors.Storage.KeyRing;

/// <summary>
/// Reads the certificates of <see cref="KeyRingOptions"/>. Every fault is reported in one line that names the setting.
/// </summary>
internal static class KeyRingCertificates
{
    // ERROR_INVALID_PASSWORD, which .NET uses on every operating system.
    private const int WrongPassword = unchecked((int)0x80070056);

    /// <summary>Returns the certificates that can decrypt; the first one also encrypts.</summary>
    /// <exception cref="StorageException">A file contains no usable certificate, or cannot be read.</exception>
    public static X509Certificate2[] Load(string files, string? password) =>
    [
        .. files.Split(',', StringSplitOptions.TrimEntries)
            .SelectMany(file => file.Length > 0 ? LoadOne(file, password) : throw Invalid("a file's name is empty"))
            .OrderByDescending(certificate => certificate.NotBefore),
    ];

    private static X509Certificate2[] LoadOne(string file, string? password)
    {
        // The key ring uses XML encryption, which supports only RSA.
        var certificates = Read(file, password)
            .Where(certificate => certificate.HasPrivateKey && certificate.GetRSAPublicKey() is not null).ToArray();
        return certificates.Length > 0
            ? certificates
            : throw Invalid($"{file} holds no certificate with an RSA private key");
    }

    private static X509Certificate2Collection Read(string file, string? password)
    {
        try
        {
            return X509CertificateLoader.LoadPkcs12Collection(File.ReadAllBytes(file), password);
        }
        catch (CryptographicException e) when (e.HResult == WrongPassword)
        {
            throw new StorageException($"OrdersActors:KeyRing:CertificatePassword is not the password of {file}");
        }
        catch (CryptographicException)
        {
            throw Invalid($"{file} is not a PKCS#12 file");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Invalid(e is FileNotFoundException or DirectoryNotFoundException
                ? $"{file} does not exist"
                : $"{file} cannot be read");
        }
    }

    private static StorageException Invalid(string what) => new($"OrdersActors:KeyRing:CertificateFile: {what}");
}
