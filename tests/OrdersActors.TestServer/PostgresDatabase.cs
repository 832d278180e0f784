namespace OrdersActors.TestServer;

/// <summary>A database of a test's own on a server that tests share.</summary>
public sealed record PostgresDatabase(PostgresServer Server, string Name) : IAsyncDisposable
{
    /// <summary>For the superuser.</summary>
    public string ConnectionString => Server.ConnectionString(Name);

    /// <summary>Runs SQL as the superuser, and returns what it printed: a line a row, columns parted by bars.</summary>
    public Task<string> SqlAsync(string sql) => Server.SqlAsync(Name, sql);

    /// <summary>Cuts off whoever is connected, and drops it.</summary>
    public async ValueTask DisposeAsync() => await Server.SqlAsync("postgres", $"DROP DATABASE IF EXISTS {Name} WITH (FORCE)");
}
