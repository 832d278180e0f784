using Npgsql;

namespace OrdersActors.Tests.Support;

/// <summary>A database lock that another client holds until it is disposed.</summary>
public sealed class HeldLock : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;

    private HeldLock(NpgsqlConnection connection) => _connection = connection;

    /// <summary>Begins a transaction in the product's schema and runs the locking statement.</summary>
    public static async Task<HeldLock> TakeAsync(string connectionString, string sql)
    {
        var connection = new NpgsqlConnection($"{connectionString};Search Path=orders_actors;Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        var held = new HeldLock(connection);
        await held.ScalarAsync($"BEGIN; {sql}");
        return held;
    }

    /// <summary>Waits until at least this many others wait for the lock.</summary>
    public async Task WaitedForAsync(int count)
    {
        await Eventually.Holds(
            () => ScalarAsync(
                "SELECT count(DISTINCT pid) FROM pg_locks "
                + "WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))")
                .GetAwaiter().GetResult() is long waiting && waiting >= count,
            () => $"fewer than {count} others wait for the lock");
    }

    public async ValueTask DisposeAsync()
    {
        // Only closing the connection would release the lock at an unknown later time.
        await ScalarAsync("ROLLBACK");
        await _connection.DisposeAsync();
    }

    private async Task<object?> ScalarAsync(string sql)
    {
        // The callers pass constants.
#pragma warning disable CA2100
        await using var command = new NpgsqlCommand(sql, _connection);
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }
}
