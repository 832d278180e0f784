using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using OrdersActors.Storage.Sqlite;

namespace OrdersActors.Storage.ApiKeys;

/// <summary>
/// How secrets are encrypted at rest: ASP.NET Data Protection, with its key ring in a folder beside the database, so that
/// the server and the commands share it. Who can read the whole data directory can decrypt; who gets hold of the
/// database alone (a backup, a replica) cannot.
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

    internal static IDataProtector ForSecrets(IDataProtectionProvider provider) => provider.CreateProtector(Purpose);
}
