namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// What Orleans' ADO.NET clustering provider is to be given, so that it finds its tables. The schema has them from version 2
/// on; the event log or the key store must have been opened once before the silo starts.
/// </summary>
/// <example>
/// <code>
/// silo.UseAdoNetClustering(options =>
///     (options.Invariant, options.ConnectionString) = (PostgresMembership.Invariant, PostgresMembership.ConnectionString(postgres)));
/// </code>
/// </example>
public static class PostgresMembership
{
    /// <summary>The provider's name for PostgreSQL.</summary>
    public const string Invariant = "Npgsql";

    // A silo asks every few seconds, one thing at a time, and a little more when others join or leave.
    private const int MaxConnections = 4;

    /// <summary>The connection string of the storage, with the schema in its search path.</summary>
    /// <exception cref="StorageException">The connection string cannot be used.</exception>
    public static string ConnectionString(PostgresStorageOptions options)
    {
        var settings = PostgresConnections.Settings(options);
        settings.MaxPoolSize = MaxConnections;
        return settings.ToString();
    }
}
