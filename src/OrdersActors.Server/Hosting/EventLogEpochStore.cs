using Npgsql;
using OrdersActors.Storage;
using OrdersActors.Storage.PostgreSql;

namespace OrdersActors.Server.Hosting;

/// <summary>The epoch of a log in PostgreSQL: a command opens the log as one more silo would, and the running silos follow.</summary>
internal sealed class EventLogEpochStore(PostgresStorageOptions options, ILogger<PostgresEventLog> logger) : IEpochStore
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
        return await log.BeginEpochAsync(log.Epoch, "an operator said so with the command 'epoch new'", cancellationToken);
    }

    private Task<PostgresEventLog> OpenAsync(CancellationToken cancellationToken) =>
        PostgresEventLog.OpenAsync(options, TimeProvider.System, logger, cancellationToken);
}
