using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.DataProtection;
using OrdersActors.Storage.ApiKeys;
using OrdersActors.Storage.Sqlite;

namespace OrdersActors.Server.Hosting;

/// <summary>Opens the storage that the settings name, before anything else starts, so that a failure is one clear line.</summary>
internal static class ServerStorage
{
    /// <summary>The settings of the SQLite storage.</summary>
    /// <exception cref="StartupException">One is not allowed; it is named.</exception>
    public static SqliteStorageOptions ReadOptions(IConfiguration configuration, ServerOptions server)
    {
        var options = new SqliteStorageOptions();
        var section = configuration.GetSection("OrdersActors:Sqlite");
        try
        {
            section.Bind(options);
        }
        catch (InvalidOperationException e)
        {
            throw new StartupException(e.Message);
        }

        options.DataDirectory = server.DataDirectory;
        var problems = new List<ValidationResult>();
        return Validator.TryValidateObject(options, new ValidationContext(options), problems, validateAllProperties: true)
            ? options
            : throw new StartupException($"OrdersActors:Sqlite: {problems[0].ErrorMessage}");
    }

    /// <summary>The key store without a server around it, for commands.</summary>
    public static SqliteApiKeyStore OpenKeys(SqliteStorageOptions options)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddOrderDataProtection(options.DataDirectory);
        var provider = services.BuildServiceProvider();
        return new SqliteApiKeyStore(options, provider.GetRequiredService<IDataProtectionProvider>(), TimeProvider.System);
    }
}
