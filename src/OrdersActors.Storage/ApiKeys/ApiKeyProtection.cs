using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace OrdersActors.Storage.ApiKeys;

/// <summary>Encrypts and decrypts the secrets of API keys with the key ring.</summary>
internal static class ApiKeyProtection
{
    private const string Purpose = "OrdersActors.ApiKeys.Secret.v1";

    /// <summary>The protector of the secrets of API keys.</summary>
    public static IDataProtector ForSecrets(IDataProtectionProvider provider) => provider.CreateProtector(Purpose);

    /// <summary>Decrypts a secret.</summary>
    /// <exception cref="EventLogUnavailableException">The key ring cannot decrypt it.</exception>
    public static string UnprotectSecret(this IDataProtector protector, string secret)
    {
        try
        {
            return protector.Unprotect(secret);
        }
        catch (CryptographicException)
        {
            // Thrown without the cause, which is meaningless to other processes.
            throw new EventLogUnavailableException(
                "an API key's secret cannot be decrypted: the key ring has lost its key, or holds it encrypted with " +
                "a certificate that is not in OrdersActors:KeyRing:CertificateFile");
        }
    }
}
