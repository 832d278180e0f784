using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using OrdersActors.Storage;
using OrdersActors.Storage.KeyRing;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.TestServer;
using OrdersActors.Tests.Storage.ApiKeys;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.PostgreSql;

public sealed class PostgresApiKeyStoreTests(PostgresFixture postgres) : ApiKeyStoreContract, IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<PostgresApiKeyStore> _open = [];
    private PostgresDatabase? _database;

    [Fact]
    public async Task Secret_is_not_in_the_database()
    {
        var key = await (await OpenAsync()).CreateAsync("shop", Cancelled);
        var row = await _database!.SqlAsync("SELECT k::text FROM orders_actors.api_keys k");
        Assert.Contains(key.Key, row, StringComparison.Ordinal);
        Assert.DoesNotContain(key.Secret, row, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failed_lookup_is_an_error_and_not_a_missing_key()
    {
        var store = await OpenAsync();
        await _database!.DisposeAsync();
        await Assert.ThrowsAsync<EventLogUnavailableException>(() => store.FindAsync("oak_1", Cancelled));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _open)
        {
            await store.DisposeAsync();
        }

        if (_database is not null)
        {
            await _database.DisposeAsync();
        }

        _folder.Dispose();
    }

    protected override async Task<IApiKeyStore> OpenAsync()
    {
        _database ??= await postgres.CreateDatabaseAsync();
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddOrderDataProtection(_folder.Path);
        var store = await PostgresApiKeyStore.OpenAsync(
            new PostgresStorageOptions { ConnectionString = _database.ConnectionString },
            services.BuildServiceProvider().GetRequiredService<IDataProtectionProvider>(), TimeProvider.System,
            cancellationToken: Cancelled);
        _open.Add(store);
        return store;
    }
}
