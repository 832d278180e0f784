using System.Data.Common;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using static OrdersActors.Storage.PostgreSql.PostgresParameter;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>Reads the log in PostgreSQL, beside running servers. It does not listen, and does not migrate.</summary>
public sealed class PostgresLogReader : ILogReader
{
    // Orleans' SiloStatus.
    private const int Active = 3;

    private readonly PostgresConnections _connections;
    private PostgresEpoch _epoch;
    private PostgresReader _reader;

    private PostgresLogReader(PostgresConnections connections, string location)
    {
        _connections = connections;
        Location = location;
        _epoch = NewEpoch("");
        _reader = new PostgresReader(connections, _epoch);
    }

    /// <inheritdoc/>
    public string Location { get; }

    /// <summary>Checks the database.</summary>
    /// <exception cref="StorageException">The database cannot be used, or has no log.</exception>
    public static async Task<PostgresLogReader> OpenAsync(
        PostgresStorageOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var connections = PostgresConnections.ForLog(options, time);
        try
        {
            await PostgresStartCheck.RunAsync(connections, cancellationToken);
            await using var connection = await connections.OpenAsync(cancellationToken);
            return await PostgresSchema.VersionAsync(connection, cancellationToken) is null
                ? throw new StorageException("the database in ConnectionStrings:OrdersActors has no event log")
                : new PostgresLogReader(connections, $"PostgreSQL database {connection.Database} at {connection.Host}");
        }
        catch
        {
            await connections.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<string> GetEpochAsync(CancellationToken cancellationToken)
    {
        var epoch = (await RowsAsync(
            "SELECT epoch FROM log_epoch", [], row => row.GetString(0), cancellationToken)).Single();
        if (epoch != _epoch.Current)
        {
            _epoch = NewEpoch(epoch);
            _reader = new PostgresReader(_connections, _epoch);
        }

        return epoch;
    }

    /// <inheritdoc/>
    public Task<OrderHead?> GetOrderHeadAsync(
        string organizationId, string orderId, CancellationToken cancellationToken) =>
        _reader.OrderHeadAsync(organizationId, orderId, cancellationToken);

    /// <inheritdoc/>
    public Task<OrganizationHead> GetOrganizationHeadAsync(
        string organizationId, CancellationToken cancellationToken) =>
        _reader.OrganizationHeadAsync(organizationId, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<OrderEvent>> ReadOrderAsync(
        string organizationId, string orderId, long afterVersion, int limit, CancellationToken cancellationToken) =>
        _reader.OrderAsync(organizationId, orderId, afterVersion, limit, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<OrderEvent>> ReadOrganizationAsync(
        string organizationId, long afterSequence, int limit, CancellationToken cancellationToken) =>
        _reader.OrganizationAsync(organizationId, afterSequence, limit, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PartitionState>> GetPartitionsAsync(CancellationToken cancellationToken) => RowsAsync(
        """
        SELECT p.partition, p.position, c.position FROM partitions p JOIN checkpoints c ON c.partition = p.partition
        ORDER BY p.partition
        """,
        [], row => new PartitionState(row.GetInt32(0), row.GetInt64(1), row.GetInt64(2)), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ActiveSilo>> GetSilosAsync(string clusterId, CancellationToken cancellationToken) =>
        RowsAsync(
            "SELECT Address, Port, Generation FROM OrleansMembershipTable WHERE DeploymentId = $1 AND Status = $2",
            [Of(clusterId), Of(Active)], row => new ActiveSilo(row.GetString(0), row.GetInt32(1), row.GetInt32(2)),
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connections.DisposeAsync();

    private static PostgresEpoch NewEpoch(string epoch) => new(epoch, [], NullLogger.Instance);

    private async Task<IReadOnlyList<T>> RowsAsync<T>(
        string sql, NpgsqlParameter[] parameters, Func<DbDataReader, T> read, CancellationToken cancellationToken) =>
        await _connections.UseAsync(
            async connection =>
            {
                // Every caller passes a constant.
#pragma warning disable CA2100
                await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
                command.Parameters.AddRange(Array.ConvertAll(parameters, parameter => parameter.Clone()));
                await using var rows = await command.ExecuteReaderAsync(cancellationToken);
                var all = new List<T>();
                while (await rows.ReadAsync(cancellationToken))
                {
                    all.Add(read(rows));
                }

                return all;
            },
            cancellationToken);
}
