using Microsoft.Data.Sqlite;

namespace OrdersActors.Storage.Sqlite;

/// <summary>Reads the log in a data directory, beside a running server.</summary>
public sealed class SqliteLogReader : ILogReader
{
    private readonly SqliteConnection _connection;
    private readonly SqliteReader _reader;
    private readonly SqliteEpochStatements _epochs;
    private string _epoch = "";

    private SqliteLogReader(SqliteConnection connection)
    {
        _connection = connection;
        _reader = new SqliteReader(connection);
        _epochs = new SqliteEpochStatements(connection);
    }

    /// <inheritdoc/>
    public string Location => $"database {_connection.DataSource}";

    /// <summary>Opens the database.</summary>
    /// <exception cref="StorageException">There is no database, or it cannot be used.</exception>
    public static SqliteLogReader Open(SqliteStorageOptions options)
    {
        try
        {
            return new SqliteLogReader(SqliteOrganizationSource.OpenExisting(options));
        }
        catch (SqliteException e)
        {
            throw new StorageException($"the database cannot be used: {SqliteErrors.Describe(e)}", e);
        }
    }

    /// <inheritdoc/>
    public Task<string> GetEpochAsync(CancellationToken cancellationToken) => Task.FromResult(
        _epoch = _epochs.Find()
            ?? throw new StorageException($"{Location} has no epoch yet; the next start of a server creates one"));

    /// <inheritdoc/>
    public Task<OrderHead?> GetOrderHeadAsync(
        string organizationId, string orderId, CancellationToken cancellationToken) =>
        Task.FromResult(_reader.OrderHead(organizationId, orderId));

    /// <inheritdoc/>
    public Task<OrganizationHead> GetOrganizationHeadAsync(
        string organizationId, CancellationToken cancellationToken) =>
        Task.FromResult(_reader.OrganizationHead(organizationId));

    /// <inheritdoc/>
    public Task<IReadOnlyList<OrderEvent>> ReadOrderAsync(
        string organizationId, string orderId, long afterVersion, int limit, CancellationToken cancellationToken) =>
        Task.FromResult(_reader.Order(_epoch, organizationId, orderId, afterVersion, limit));

    /// <inheritdoc/>
    public Task<IReadOnlyList<OrderEvent>> ReadOrganizationAsync(
        string organizationId, long afterSequence, int limit, CancellationToken cancellationToken) =>
        Task.FromResult(_reader.Organization(_epoch, organizationId, afterSequence, limit));

    /// <inheritdoc/>
    public Task<IReadOnlyList<PartitionState>> GetPartitionsAsync(CancellationToken cancellationToken)
    {
        var count = int.Parse(
            (string)SqliteStatement.Scalar(
                _connection, "SELECT value FROM settings WHERE name = 'partition_count'")!,
            System.Globalization.CultureInfo.InvariantCulture);
        return Task.FromResult<IReadOnlyList<PartitionState>>(
        [
            .. Enumerable.Range(0, count).Select(_reader.State),
        ]);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<ActiveSilo>> GetSilosAsync(string clusterId, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ActiveSilo>>([]);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _epochs.Dispose();
        _reader.Dispose();
        return ValueTask.CompletedTask;
    }
}
