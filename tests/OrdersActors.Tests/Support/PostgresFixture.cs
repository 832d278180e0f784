using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

[assembly: AssemblyFixture(typeof(PostgresFixture))]

namespace OrdersActors.Tests.Support;

/// <summary>
/// The PostgreSQL that tests share, each with a database of its own; started when the first one asks for it. Where it is not
/// installed those tests are skipped and say so, except in CI (<c>CI=true</c>), where they fail.
/// </summary>
public sealed class PostgresFixture : IAsyncDisposable
{
    private readonly Lazy<Task<PostgresServer>> _server = new(() => PostgresServer.StartAsync());

    public Task<PostgresServer> ServerAsync()
    {
        Require();
        return _server.Value;
    }

    /// <summary>A new, empty database.</summary>
    public async Task<PostgresDatabase> CreateDatabaseAsync() => await (await ServerAsync()).CreateDatabaseAsync();

    /// <summary>Skips the test where PostgreSQL is not installed, and fails it in CI.</summary>
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
        // One that did not start has told so to each test that asked for it.
        if (_server is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            await (await _server.Value).DisposeAsync();
        }
    }
}
