using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using OrdersActors.Storage;
using OrdersActors.Storage.PostgreSql;

namespace OrdersActors.Server.Hosting;

/// <summary>
/// The epoch of a log in PostgreSQL. A command opens the log in the same way as a silo. Running silos notice a new
/// epoch and switch to it.
/// </summary>
/// <param name="options">The database.</param>
/// <param name="onMigrate">Called with one line before an existing schema is changed.</param>
internal sealed class EventLogEpochStore(PostgresStorageOptions options, Action<string> onMigrate) : IEpochStore
{
    public string Location
    {
        get
        {
            var connection = new NpgsqlConnectionStringBuilder(options.ConnectionString);
            return $"{connection.Host}/{connection.Database}";
        }
    }

    public async Task<string?> FindAsync(CancellationToken cancellationToken = default)
    {
        await using var log = await OpenAsync(cancellationToken);
        return log.Epoch;
    }

    public async Task<string> BeginAsync(CancellationToken cancellationToken = default)
    {
        await using var log = await OpenAsync(cancellationToken);
        return await log.BeginEpochAsync(
            log.Epoch, "an operator requested it with the command 'epoch new'", cancellationToken);
    }

    private Task<PostgresEventLog> OpenAsync(CancellationToken cancellationToken) =>
        PostgresEventLog.OpenAsync(
            options, TimeProvider.System, NullLogger<PostgresEventLog>.Instance, onMigrate, cancellationToken);
}
