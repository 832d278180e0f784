using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using OrdersActors.Storage.Folders;
using OrdersActors.Storage.PostgreSql;

namespace OrdersActors.Storage.KeyRing;

/// <summary>
/// Encrypts the secrets of API keys at rest with ASP.NET Data Protection. Servers and commands share its key ring. With
/// SQLite the key ring is a folder of its own: a reader of the whole data directory can decrypt the secrets, a reader
/// of the database file alone (a backup) cannot. With PostgreSQL the key ring is in the database, where every server of
/// a cluster finds it: a reader of the table of API keys cannot decrypt the secrets, a reader of the whole database
/// can. A certificate outside both protects the secrets from these readers as well (<see cref="KeyRingOptions"/>).
/// </summary>
public static class KeyRingHosting
{
    /// <summary>Whether a data directory has a key ring.</summary>
    public static bool HasKeyRing(string dataDirectory) =>
        Directory.Exists(Path.Combine(Path.GetFullPath(dataDirectory), DataFolder.KeyRingName));

    /// <summary>Adds data protection whose key ring is in the data directory.</summary>
    /// <exception cref="StorageException">The folder cannot be written.</exception>
    public static IDataProtectionBuilder AddOrderDataProtection(this IServiceCollection services, string dataDirectory)
    {
        var folder = DataFolder.OpenKeyRing(Path.GetFullPath(dataDirectory));
        return services.AddDataProtection()
            .SetApplicationName("OrdersActors")
            .PersistKeysToFileSystem(new DirectoryInfo(folder));
    }

    /// <summary>
    /// Adds data protection whose key ring is in PostgreSQL. The log or the key store must have been opened once
    /// before.
    /// </summary>
    /// <exception cref="StorageException">The connection string cannot be used.</exception>
    public static IDataProtectionBuilder AddOrderDataProtection(
        this IServiceCollection services, PostgresStorageOptions options)
    {
        var keyRing = new PostgresKeyRing(options);
        services.Configure<KeyManagementOptions>(management => management.XmlRepository = keyRing);
        return services.AddDataProtection().SetApplicationName("OrdersActors");
    }

    /// <summary>Encrypts the key ring with a certificate if one is configured.</summary>
    /// <exception cref="StorageException">The certificate cannot be used; the message names the setting.</exception>
    public static IDataProtectionBuilder ProtectKeyRing(this IDataProtectionBuilder builder, KeyRingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (string.IsNullOrEmpty(options.CertificateFile))
        {
            return builder;
        }

        var certificates = KeyRingCertificates.Load(options.CertificateFile, options.CertificatePassword);
        return builder.ProtectKeysWithCertificate(certificates[0]).UnprotectKeysWithAnyCertificate(certificates);
    }

    /// <summary>
    /// Reads every key of the ring at start. Otherwise a server without the certificate would report the fault only
    /// when clients connect, and would add its own, unencrypted key to the ring.
    /// </summary>
    /// <exception cref="StorageException">A key cannot be read.</exception>
    public static void CheckKeyRing(this IServiceProvider services)
    {
        try
        {
            foreach (var key in services.GetRequiredService<IKeyManager>().GetAllKeys())
            {
                _ = key.Descriptor;
            }
        }
        catch (CryptographicException e)
        {
            throw new StorageException(
                "the key ring, which decrypts the secrets of API keys, cannot be read: it is encrypted with a " +
                "certificate that is not in OrdersActors:KeyRing:CertificateFile",
                e);
        }
        catch (Exception e) when (PostgresErrors.IsDatabase(e))
        {
            throw new StorageException($"the key ring cannot be read: {PostgresErrors.Describe(e)}", e);
        }
    }
}
