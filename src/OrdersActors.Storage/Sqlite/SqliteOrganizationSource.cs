using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using OrdersActors.Storage.EventLog;
using OrdersActors.Storage.Transfer;

namespace OrdersActors.Storage.Sqlite;

/// <summary>
/// An organization in a data directory. A read transaction holds the snapshot, so the write-ahead log of a running
/// server grows until it ends.
/// </summary>
public sealed class SqliteOrganizationSource : IOrganizationSource
{
    private readonly SqliteConnection _connection;
    private readonly SqliteTransaction _snapshot;
    private readonly long? _organization;

    private SqliteOrganizationSource(SqliteConnection connection, string organizationId)
    {
        _connection = connection;
        _snapshot = connection.BeginTransaction(deferred: true);
        Epoch = SqliteStatement.Scalar(connection, "SELECT value FROM settings WHERE name = 'epoch'") as string
            ?? throw new StorageException(
                $"the database {connection.DataSource} has no epoch yet: start the server once");
        using var find = new SqliteStatement(
            connection,
            $"SELECT g.id, {SqliteHeads.Sequence}, g.earliest FROM organizations g WHERE g.name = $0", 1);
        find[0] = organizationId;
        using (var rows = find.Read())
        {
            if (!rows.Read())
            {
                Head = new OrganizationHead(0, 1);
                return;
            }

            _organization = rows.GetInt64(0);
            Head = new OrganizationHead(rows.GetInt64(1), rows.GetInt64(2));
        }

        OrderCount = Count("SELECT count(*) FROM orders WHERE organization = $0");
        EventCount = Count("SELECT count(*) FROM events WHERE organization = $0");
    }

    /// <inheritdoc/>
    public string Epoch { get; }

    /// <inheritdoc/>
    public OrganizationHead Head { get; }

    /// <inheritdoc/>
    public long OrderCount { get; }

    /// <inheritdoc/>
    public long EventCount { get; }

    /// <summary>Begins a snapshot. A server may be running.</summary>
    /// <exception cref="StorageException">There is no database, or it cannot be used.</exception>
    public static SqliteOrganizationSource Open(SqliteStorageOptions options, string organizationId)
    {
        var connection = OpenExisting(options);
        try
        {
            return new SqliteOrganizationSource(connection, organizationId);
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw new StorageException(
                $"the database {connection.DataSource} cannot be used: {SqliteErrors.Describe(e)}", e);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<KnownOrder> ReadOrdersAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var orders = new SqliteStatement(
            _connection, $"SELECT o.name, {SqliteHeads.Version} FROM orders o WHERE o.organization = $0", 1);
        orders[0] = _organization;
        using var rows = orders.Read();
        while (rows.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new KnownOrder(rows.GetString(0), rows.GetInt64(1));
        }

        await Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<OrderEvent> ReadEventsAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var events = new SqliteStatement(_connection, $"""
            SELECT {EventRow.Columns}
            FROM organizations g CROSS JOIN events e ON e.organization = g.id CROSS JOIN orders o ON o.id = e.order_ref
            WHERE g.id = $0 ORDER BY e.sequence
            """, 1);
        events[0] = _organization;
        using var rows = events.Read();
        while (rows.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return SqliteEventRow.Read(rows, Epoch);
        }

        await Task.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _snapshot.Dispose();
        _connection.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Opens the database of a command that does not migrate it.</summary>
    /// <exception cref="StorageException">There is no database, or its schema is older.</exception>
    internal static SqliteConnection OpenExisting(SqliteStorageOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var path = Path.Combine(Path.GetFullPath(options.DataDirectory), SqliteDatabase.FileName);
        if (!File.Exists(path))
        {
            throw new StorageException($"there is no database {path}");
        }

        var connection = new SqliteDatabase(options).Open();
        if (SqliteSchema.Version(connection) is var version && version == SqliteSchema.Newest)
        {
            return connection;
        }

        connection.Dispose();
        throw new StorageException(
            $"the database {path} has schema {version}, and this command needs {SqliteSchema.Newest}: start the server "
            + "once, which migrates it");
    }

    private long Count(string sql)
    {
        using var count = new SqliteStatement(_connection, sql, 1);
        count[0] = _organization;
        return Convert.ToInt64(count.Scalar(), CultureInfo.InvariantCulture);
    }
}
