using System.Data.Common;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// The data source for Orleans' ADO.NET clustering provider. The provider finds its tables in the schema's search path,
/// and after a promotion it uses the new primary, like all other connections. The schema has the tables from version 2
/// on. The event log or the key store must have been opened once before the silo starts.
/// </summary>
/// <example>
/// <code>
/// silo.UseAdoNetClustering(options =>
///     (options.Invariant, options.DataSource) =
///         (PostgresMembership.Invariant, PostgresMembership.DataSource(postgres)));
/// </code>
/// </example>
public static class PostgresMembership
{
    /// <summary>The provider's invariant name for PostgreSQL.</summary>
    public const string Invariant = "Npgsql";

    // A silo sends one query every few seconds, and some more when other silos join or leave.
    private const int MaxConnections = 4;

    /// <summary>
    /// At most four connections to the primary, with the schema in their search path. The caller must dispose the
    /// result.
    /// </summary>
    /// <exception cref="StorageException">The connection string cannot be used.</exception>
    public static DbDataSource DataSource(PostgresStorageOptions options)
    {
        var settings = PostgresSettings.Of(options);
        var hosts = PostgresHosts.Of(settings, TimeProvider.System);
        settings.MaxPoolSize = MaxConnections;
        return new PostgresSource("membership", settings, hosts, PostgresSession.Plain);
    }
}
