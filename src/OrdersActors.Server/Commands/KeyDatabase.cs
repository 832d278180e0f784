using OrdersActors.Server.Hosting;
using OrdersActors.Storage;

namespace OrdersActors.Server.Commands;

/// <summary>The database that a <c>keys</c> command uses.</summary>
/// <param name="Store">The keys.</param>
/// <param name="Location">Where they are; no secret.</param>
/// <param name="IsNew">Whether the command has created it.</param>
internal sealed record KeyDatabase(IApiKeyStore Store, string Location, bool IsNew)
{
    /// <summary>Opens the keys.</summary>
    /// <exception cref="StartupException">There is no database, and the command may not create one; or a setting is not allowed.</exception>
    /// <exception cref="StorageException">The storage cannot be used.</exception>
    public static async Task<KeyDatabase> OpenAsync(IConfiguration configuration, bool mayCreate)
    {
        var options = ServerOptions.Read(configuration);
        var location = ServerStorage.Describe(options);
        var isNew = options.ConnectionString is null && !ServerStorage.HasDatabase(options);
        if (isNew && !(mayCreate && options.IsDataDirectoryNamed))
        {
            throw new StartupException(
                $"there is no {location}: name the server's data directory by --config FILE or --OrdersActors:DataDirectory=DIR"
                + (mayCreate ? ", which also creates a database there" : ""));
        }

        return new KeyDatabase(await ServerStorage.OpenKeysAsync(configuration, options), location, isNew);
    }

    /// <summary>Says on stderr which database was used.</summary>
    public Task SayAsync() => Console.Error.WriteLineAsync(IsNew
        ? $"created {Location}, because there was none: the server must use the same data directory"
        : $"used {Location}");
}
