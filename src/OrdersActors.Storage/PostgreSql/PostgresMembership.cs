using System.Data.Common;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// The data source for Orleans' ADO.NET clustering provider: it finds its tables, and after a promotion it follows to the new primary with
/// everything else. The schema has the tables from version 2 on; the event log or the key store must have been opened once before the silo
/// starts.
/// </summary>
/// <example>
/// <code>
/// silo.UseAdoNetClustering(options =>
///     (options.Invariant, options.DataSource) = (PostgresMembership.Invariant, PostgresMembership.DataSource(postgres)));
/// </code>
/// </example>
public static class PostgresMembership
{
    /// <summary>The provider's name for PostgreSQL.</summary>
    public const string Invariant = "Npgsql";

    // A silo asks every few seconds, one thing at a time, and a little more when others join or leave.
    private const int MaxConnections = 4;

    /// <summary>Connections to the primary, with the schema in their search path, at most four. Its owner disposes it.</summary>
    /// <exception cref="StorageException">The connection string cannot be used.</exception>
    public static DbDataSource DataSource(PostgresStorageOptions options)
    {
        var settings = PostgresSettings.Of(options);
        var hosts = PostgresHosts.Of(settings, TimeProvider.System);
        settings.MaxPoolSize = MaxConnections;
        return new PostgresSource(settings, hosts, PostgresSession.Plain);
    }
}
