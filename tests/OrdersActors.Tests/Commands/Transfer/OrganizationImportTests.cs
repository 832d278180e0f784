using Microsoft.Extensions.Logging.Abstractions;
using OrdersActors.Storage;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.Storage.Sqlite;
using OrdersActors.Storage.Transfer;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Commands.Transfer;

public sealed class SqliteOrganizationImportTests : OrganizationImportContract, IDisposable
{
    private readonly TempFolder _target = new();

    private SqliteStorageOptions Options => new() { DataDirectory = _target.Path, FullDurability = false };

    [Fact]
    public async Task Running_server_refuses_the_import()
    {
        await using var log = await OpenLogAsync();
        var refused = await Assert.ThrowsAsync<StorageException>(OpenTargetAsync);
        Assert.Contains("in use", refused.Message, StringComparison.Ordinal);
    }

    void IDisposable.Dispose()
    {
        Dispose();
        _target.Dispose();
    }

    protected override Task<IOrganizationTarget> OpenTargetAsync() => Task.FromResult<IOrganizationTarget>(
        SqliteOrganizationTarget.Open(Options, Organization, NullLogger.Instance));

    protected override Task<OpenLog> OpenLogAsync() => Task.FromResult(new OpenLog(
        SqliteEventLog.Open(Options, TimeProvider.System, NullLogger<SqliteEventLog>.Instance)));
}

public sealed class PostgresOrganizationImportTests(PostgresFixture postgres)
    : OrganizationImportContract, IAsyncLifetime
{
    private PostgresDatabase? _database;

    private PostgresStorageOptions Options => new() { ConnectionString = _database!.ConnectionString };

    public async ValueTask InitializeAsync() => _database = await postgres.CreateDatabaseAsync();

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Organization_that_is_published_for_meanwhile_is_refused()
    {
        await using var target = await OpenTargetAsync();
        await using var log = await OpenLogAsync();
        await log.Log.AppendAsync(Organization, [new() { OrderId = "o", Status = "s" }], Cancelled);
        var refused = await Assert.ThrowsAsync<StorageException>(
            () => target.BeginAsync(5, AsyncEnumerable.Empty<KnownOrder>(), Cancelled));
        Assert.Contains(Organization, refused.Message, StringComparison.Ordinal);
    }

    protected override async Task<IOrganizationTarget> OpenTargetAsync() => await PostgresOrganizationTarget.OpenAsync(
        Options, Organization, TimeProvider.System, _ => { }, Cancelled);

    protected override async Task<OpenLog> OpenLogAsync() => new(await PostgresEventLog.OpenAsync(
        Options, TimeProvider.System, NullLogger<PostgresEventLog>.Instance, Cancelled));
}
