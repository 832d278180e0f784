using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.Storage.Sqlite;

namespace OrdersActors.Storage.ApiKeys;

/// <summary>
/// How secrets are encrypted at rest: ASP.NET Data Protection, with a key ring that servers and commands share. Beside SQLite it is
/// a folder of its own: who can read the whole data directory can decrypt, who gets hold of the database alone (a backup) cannot.
/// With PostgreSQL it is in the database, where every server of a cluster finds it: what is encrypted there is safe from
/// whoever may read the table of the keys, and not from whoever has the whole database.
/// </summary>
public static class ApiKeyProtection
{
    private const string Purpose = "OrdersActors.ApiKeys.Secret.v1";

    /// <summary>Adds data protection whose key ring is in the data directory.</summary>
    /// <exception cref="StorageException">The folder cannot be written.</exception>
    public static IDataProtectionBuilder AddOrderDataProtection(this IServiceCollection services, string dataDirectory)
    {
        var folder = Path.Combine(Path.GetFullPath(dataDirectory), "data-protection-keys");
        SqliteDatabase.CreateFolder(folder);
        return services.AddDataProtection()
            .SetApplicationName("OrdersActors")
            .PersistKeysToFileSystem(new DirectoryInfo(folder));
    }

    /// <summary>Adds data protection whose key ring is in PostgreSQL. The log or the key store must have been opened once before.</summary>
    /// <exception cref="StorageException">The connection string cannot be used.</exception>
    public static IDataProtectionBuilder AddOrderDataProtection(this IServiceCollection services, PostgresStorageOptions options)
    {
        var keyRing = new PostgresKeyRing(options);
        services.Configure<KeyManagementOptions>(management => management.XmlRepository = keyRing);
        return services.AddDataProtection().SetApplicationName("OrdersActors");
    }

    internal static IDataProtector ForSecrets(IDataProtectionProvider provider) => provider.CreateProtector(Purpose);
}
