using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

[assembly: AssemblyFixture(typeof(PostgresFixture))]

namespace OrdersActors.Tests.Support;

/// <summary>
/// The PostgreSQL that tests share, started on first use. Each test gets its own database. If PostgreSQL is not
/// installed, the tests are skipped with a reason, except in CI (<c>CI=true</c>), where they fail.
/// </summary>
public sealed class PostgresFixture : IAsyncDisposable
{
    private readonly Lazy<Task<PostgresServer>> _server = new(() => PostgresServer.StartAsync());

    public Task<PostgresServer> ServerAsync()
    {
        Require();
        return _server.Value;
    }

    /// <summary>Creates a new, empty database.</summary>
    public async Task<PostgresDatabase> CreateDatabaseAsync() => await (await ServerAsync()).CreateDatabaseAsync();

    /// <summary>Skips the test if PostgreSQL is not installed; fails it in CI.</summary>
    public static void Require()
    {
        if (PostgresServer.Binaries is null)
        {
            const string reason = "PostgreSQL is not installed: apt-get install postgresql";
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") != "true", reason);
            Assert.Fail(reason);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // A failed start was already reported to each test that used the server.
        if (_server is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            await (await _server.Value).DisposeAsync();
        }
    }
}
