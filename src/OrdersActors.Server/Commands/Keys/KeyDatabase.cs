using OrdersActors.Server.Hosting;
using OrdersActors.Storage;

namespace OrdersActors.Server.Commands.Keys;

/// <summary>The database that a <c>keys</c> command uses.</summary>
/// <param name="Store">The store of the keys.</param>
/// <param name="Location">The location of the database, for the operator; contains no secret.</param>
/// <param name="IsNew">Whether the command has created the database.</param>
internal sealed record KeyDatabase(IApiKeyStore Store, string Location, bool IsNew)
{
    /// <summary>Opens the keys.</summary>
    /// <exception cref="StartupException">
    /// There is no database and the command may not create one, or a setting is invalid.
    /// </exception>
    /// <exception cref="StorageException">The storage cannot be used.</exception>
    public static async Task<KeyDatabase> OpenAsync(IConfiguration configuration, bool mayCreate)
    {
        var options = ServerOptions.Read(configuration);
        var location = ServerStorage.Describe(options);
        var isNew = options.ConnectionString is null && !ServerStorage.HasDatabase(options);
        if (isNew && !(mayCreate && options.IsDataDirectoryNamed))
        {
            throw new StartupException(
                $"there is no {location}: name the server's data directory "
                + "with --config FILE or --OrdersActors:DataDirectory=DIR"
                + (mayCreate ? ", which also creates a database there" : ""));
        }

        var keys = await ServerStorage.OpenKeysAsync(configuration, options, Console.Error.WriteLine);
        return new KeyDatabase(keys, location, isNew);
    }

    /// <summary>Returns the key that a command has changed.</summary>
    /// <exception cref="StartupException">There is no such key, or it is revoked.</exception>
    public ApiKeyInfo Check(KeyChange change, string key) => change.Outcome switch
    {
        KeyChangeOutcome.Changed => change.Key!,
        KeyChangeOutcome.NoSuchKey => throw NoSuchKey(key),
        KeyChangeOutcome.Revoked => throw new StartupException(
            $"the key '{key}' is revoked permanently: create a new one with 'keys create'"),
        var outcome => throw new InvalidOperationException($"The key was not changed: {outcome}."),
    };

    /// <summary>The failure of a command whose key does not exist.</summary>
    public StartupException NoSuchKey(string key) => new($"there is no key '{key}' in {Location}");

    /// <summary>Writes to stderr which database was used.</summary>
    public Task SayAsync() => Console.Error.WriteLineAsync(IsNew
        ? $"created {Location}, because it did not exist: the server must use the same data directory"
        : $"used {Location}");
}
