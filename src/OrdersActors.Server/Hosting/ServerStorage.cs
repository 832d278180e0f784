using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.DataProtection;
using Npgsql;
using OrdersActors.Storage;
using OrdersActors.Storage.KeyRing;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.Storage.Sqlite;
using OrdersActors.Storage.Transfer;

namespace OrdersActors.Server.Hosting;

/// <summary>
/// The storage that the settings select: PostgreSQL if there is a connection string, otherwise SQLite. It is opened
/// before anything else starts, so that a failure is reported in one line.
/// </summary>
internal static class ServerStorage
{
    /// <summary>Opens the event log for a silo.</summary>
    /// <exception cref="StartupException">A setting is invalid. The message names it.</exception>
    /// <exception cref="StorageException">The storage cannot be used, or silos of another cluster use it.</exception>
    public static async Task<IEventLog> OpenLogAsync(
        IConfiguration configuration, ServerOptions server, ILoggerFactory loggers)
    {
        if (server.ConnectionString is null)
        {
            return SqliteEventLog.Open(
                ReadSqlite(configuration, server), TimeProvider.System, loggers.CreateLogger<SqliteEventLog>());
        }

        var postgres = ReadPostgres(configuration, server);
        postgres.ClusterId = server.ClusterId;
        return await PostgresEventLog.OpenAsync(
            postgres, TimeProvider.System, loggers.CreateLogger<PostgresEventLog>());
    }

    /// <summary>Opens the store of API keys. It works with and without a running server.</summary>
    /// <param name="configuration">The settings.</param>
    /// <param name="server">The settings of the server, which select the storage.</param>
    /// <param name="onMigrate">
    /// Called with one line before an existing schema in PostgreSQL is changed. A command must report it, because
    /// servers may be running.
    /// </param>
    /// <exception cref="StartupException">A setting is invalid. The message names it.</exception>
    /// <exception cref="StorageException">The storage cannot be used.</exception>
    public static async Task<IApiKeyStore> OpenKeysAsync(
        IConfiguration configuration, ServerOptions server, Action<string>? onMigrate = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        var keyRing = Read(configuration, "OrdersActors:KeyRing", new KeyRingOptions(), _ => { });
        if (server.ConnectionString is null)
        {
            var sqlite = ReadSqlite(configuration, server);
            services.AddOrderDataProtection(sqlite.DataDirectory).ProtectKeyRing(keyRing);
            return await OpenAsync(protection => Task.FromResult<IApiKeyStore>(
                new SqliteApiKeyStore(sqlite, protection, TimeProvider.System)));
        }

        var postgres = ReadPostgres(configuration, server);
        services.AddOrderDataProtection(postgres).ProtectKeyRing(keyRing);
        return await OpenAsync(
            async protection => await PostgresApiKeyStore.OpenAsync(
                postgres, protection, TimeProvider.System, onMigrate));

        async Task<IApiKeyStore> OpenAsync(Func<IDataProtectionProvider, Task<IApiKeyStore>> open)
        {
            // Not disposed: the key store uses the data protection of this provider as long as the process runs.
            var provider = services.BuildServiceProvider();
            var keys = await open(provider.GetRequiredService<IDataProtectionProvider>());
            provider.CheckKeyRing();
            return keys;
        }
    }

    /// <summary>Returns the store of the event log's epoch, for commands.</summary>
    /// <param name="configuration">The settings.</param>
    /// <param name="server">The settings of the server, which select the storage.</param>
    /// <param name="onMigrate">Called with one line before an existing schema in PostgreSQL is changed.</param>
    /// <exception cref="StartupException">A setting is invalid. The message names it.</exception>
    public static IEpochStore OpenEpochs(
        IConfiguration configuration, ServerOptions server, Action<string> onMigrate) =>
        server.ConnectionString is null
            ? new SqliteEpochStore(ReadSqlite(configuration, server))
            : new EventLogEpochStore(ReadPostgres(configuration, server), onMigrate);

    /// <summary>Replaces the SQLite database with a backup.</summary>
    /// <exception cref="StartupException">A setting is invalid, or the events are in PostgreSQL.</exception>
    /// <exception cref="StorageException">
    /// The backup or the data directory cannot be used. The database is unchanged.
    /// </exception>
    public static RestoredDatabase Restore(IConfiguration configuration, ServerOptions server, string backup) =>
        server.ConnectionString is null
            ? SqliteRestore.Run(ReadSqlite(configuration, server), backup, TimeProvider.System)
            : throw new StartupException(
                "the events are in PostgreSQL (ConnectionStrings:OrdersActors): restore it with its own tools, "
                + "and then run 'epoch new'");

    /// <summary>Writes a backup of the SQLite database.</summary>
    /// <exception cref="StartupException">A setting is invalid, or the events are in PostgreSQL.</exception>
    /// <exception cref="StorageException">There is no database, or the backup cannot be written.</exception>
    public static WrittenBackup Backup(
        IConfiguration configuration, ServerOptions server, string file, CancellationToken cancellationToken) =>
        server.ConnectionString is null
            ? SqliteBackup.Run(ReadSqlite(configuration, server), file, TimeProvider.System, cancellationToken)
            : throw new StartupException(
                "the events are in PostgreSQL (ConnectionStrings:OrdersActors): back it up with its own tools, "
                + "such as pg_dump");

    /// <summary>Examines the storage for an operator, and changes nothing.</summary>
    /// <exception cref="StartupException">A setting is invalid. The message names it.</exception>
    public static async Task<IReadOnlyList<StorageFinding>> DiagnoseAsync(
        IConfiguration configuration, ServerOptions server, CancellationToken cancellationToken)
    {
        if (server.ConnectionString is null)
        {
            return SqliteDiagnosis.Run(ReadSqlite(configuration, server));
        }

        var postgres = ReadPostgres(configuration, server);
        postgres.ClusterId = server.ClusterId;
        return await PostgresDiagnosis.RunAsync(postgres, TimeProvider.System, cancellationToken);
    }

    /// <summary>
    /// Reads every key of the existing key ring. Returns false if there is none yet, and creates none.
    /// </summary>
    /// <exception cref="StartupException">A setting is invalid. The message names it.</exception>
    /// <exception cref="StorageException">The key ring or its certificate cannot be used.</exception>
    public static bool CheckKeyRing(IConfiguration configuration, ServerOptions server)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        var keyRing = Read(configuration, "OrdersActors:KeyRing", new KeyRingOptions(), _ => { });
        if (server.ConnectionString is not null)
        {
            services.AddOrderDataProtection(ReadPostgres(configuration, server)).ProtectKeyRing(keyRing);
        }
        else if (KeyRingHosting.HasKeyRing(server.DataDirectory))
        {
            services.AddOrderDataProtection(server.DataDirectory).ProtectKeyRing(keyRing);
        }
        else
        {
            return false;
        }

        using var provider = services.BuildServiceProvider();
        provider.CheckKeyRing();
        return true;
    }

    /// <summary>Opens the log for reading, beside running servers.</summary>
    /// <exception cref="StartupException">A setting is invalid. The message names it.</exception>
    /// <exception cref="StorageException">There is no database, or it cannot be used.</exception>
    public static async Task<ILogReader> OpenReaderAsync(
        IConfiguration configuration, ServerOptions server, CancellationToken cancellationToken) =>
        server.ConnectionString is null
            ? SqliteLogReader.Open(ReadSqlite(configuration, server))
            : await PostgresLogReader.OpenAsync(
                ReadPostgres(configuration, server), TimeProvider.System, cancellationToken);

    /// <summary>Begins a snapshot of an organization. Servers may be running.</summary>
    /// <exception cref="StartupException">A setting is invalid. The message names it.</exception>
    /// <exception cref="StorageException">There is no database, or it cannot be used.</exception>
    public static async Task<IOrganizationSource> OpenSourceAsync(
        IConfiguration configuration, ServerOptions server, string organization, CancellationToken cancellationToken) =>
        server.ConnectionString is null
            ? SqliteOrganizationSource.Open(ReadSqlite(configuration, server), organization)
            : await PostgresOrganizationSource.OpenAsync(
                ReadPostgres(configuration, server), organization, TimeProvider.System, cancellationToken);

    /// <summary>Opens the database for an import of an organization.</summary>
    /// <param name="configuration">The settings.</param>
    /// <param name="server">The settings of the server, which select the storage.</param>
    /// <param name="organization">The organization.</param>
    /// <param name="logger">The log of the command, which reports a migration or a new epoch.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StartupException">A setting is invalid. The message names it.</exception>
    /// <exception cref="StorageException">
    /// The database cannot be used, or it is SQLite's and a server is running.
    /// </exception>
    public static async Task<IOrganizationTarget> OpenTargetAsync(
        IConfiguration configuration, ServerOptions server, string organization, ILogger logger,
        CancellationToken cancellationToken) =>
        server.ConnectionString is null
            ? SqliteOrganizationTarget.Open(ReadSqlite(configuration, server), organization, logger)
            : await PostgresOrganizationTarget.OpenAsync(
                ReadPostgres(configuration, server), organization, TimeProvider.System, Console.Error.WriteLine,
                cancellationToken);

    /// <summary>Whether the data directory has a database.</summary>
    public static bool HasDatabase(ServerOptions server) => File.Exists(DatabaseFile(server));

    /// <summary>Describes the location of the database for an operator. The text contains no secret.</summary>
    public static string Describe(ServerOptions server)
    {
        if (server.ConnectionString is null)
        {
            return $"database {DatabaseFile(server)}";
        }

        try
        {
            var settings = new NpgsqlConnectionStringBuilder(server.ConnectionString);
            return $"PostgreSQL database {settings.Database ?? settings.Username} at {settings.Host}";
        }
        catch (ArgumentException)
        {
            // When the database is opened, the error names the problem in the connection string.
            return "PostgreSQL";
        }
    }

    private static string DatabaseFile(ServerOptions server) => Path.Combine(server.DataDirectory, "orders.db");

    /// <summary>Reads and validates the settings of PostgreSQL.</summary>
    /// <exception cref="StartupException">A setting is invalid. The message names it.</exception>
    public static PostgresStorageOptions ReadPostgres(IConfiguration configuration, ServerOptions server) => Read(
        configuration, "OrdersActors:Postgres", new PostgresStorageOptions(),
        options => options.ConnectionString = server.ConnectionString!);

    private static SqliteStorageOptions ReadSqlite(IConfiguration configuration, ServerOptions server) => Read(
        configuration, "OrdersActors:Sqlite", new SqliteStorageOptions(),
        options => options.DataDirectory = server.DataDirectory);

    /// <summary>Reads and validates the settings of a section.</summary>
    /// <exception cref="StartupException">
    /// Settings are invalid. The message names all that are out of range, or the first one that is not a value of its
    /// type.
    /// </exception>
    public static T Read<T>(IConfiguration configuration, string section, T options, Action<T> complete)
        where T : class
    {
        try
        {
            configuration.GetSection(section).Bind(options);
        }
        catch (InvalidOperationException e)
        {
            throw new StartupException(e.Message);
        }

        complete(options);
        var problems = new List<ValidationResult>();
        return Validator.TryValidateObject(
            options, new ValidationContext(options), problems, validateAllProperties: true)
            ? options
            : throw new StartupException(
                $"{section}: {string.Join("; ", problems.Select(problem => problem.ErrorMessage))}");
    }
}
