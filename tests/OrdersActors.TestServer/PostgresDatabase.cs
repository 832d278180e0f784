namespace OrdersActors.TestServer;

/// <summary>A database of one test on a shared PostgreSQL server.</summary>
public sealed record PostgresDatabase(PostgresServer Server, string Name) : IAsyncDisposable
{
    /// <summary>The connection string of the superuser.</summary>
    public string ConnectionString => Server.ConnectionString(Name);

    /// <summary>
    /// Runs SQL as the superuser and returns the output: one line per row, columns separated by bars.
    /// </summary>
    public Task<string> SqlAsync(string sql) => Server.SqlAsync(Name, sql);

    /// <summary>Disconnects all clients and drops the database.</summary>
    public async ValueTask DisposeAsync() =>
        await Server.SqlAsync("postgres", $"DROP DATABASE IF EXISTS {Name} WITH (FORCE)");
}
