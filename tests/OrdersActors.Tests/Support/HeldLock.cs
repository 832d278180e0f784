using Npgsql;

namespace OrdersActors.Tests.Support;

/// <summary>A lock that somebody else holds in a database, until it is disposed.</summary>
public sealed class HeldLock : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;

    private HeldLock(NpgsqlConnection connection) => _connection = connection;

    /// <summary>Begins a transaction, in the schema of ours, and runs the statement that locks.</summary>
    public static async Task<HeldLock> TakeAsync(string connectionString, string sql)
    {
        var connection = new NpgsqlConnection($"{connectionString};Search Path=orders_actors;Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        var held = new HeldLock(connection);
        await held.ScalarAsync($"BEGIN; {sql}");
        return held;
    }

    /// <summary>Waits until so many others wait for it.</summary>
    public async Task WaitedForAsync(int count)
    {
        await Eventually.Holds(
            () => ScalarAsync(
                "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))")
                .GetAwaiter().GetResult() is long waiting && waiting >= count,
            () => $"fewer than {count} wait for the lock");
    }

    public async ValueTask DisposeAsync()
    {
        // Closing alone would free the lock at some moment afterwards.
        await ScalarAsync("ROLLBACK");
        await _connection.DisposeAsync();
    }

    private async Task<object?> ScalarAsync(string sql)
    {
        // Constants of the tests.
#pragma warning disable CA2100
        await using var command = new NpgsqlCommand(sql, _connection);
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }
}
