using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Grains.Authentication;
using OrdersActors.Storage.Sqlite;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Grains.Authentication;

public sealed class ApiKeyCacheTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Revoked_key_is_valid_no_longer_than_the_cache_time()
    {
        var store = new SqliteApiKeyStore(
            new SqliteStorageOptions { DataDirectory = _folder.Path }, new EphemeralDataProtectionProvider(), _time);
        var cache = new ApiKeyCache(
            store,
            Options.Create(new AuthenticationOptions { KeyCacheTime = TimeSpan.FromSeconds(5), KeyCacheSize = 2 }),
            _time);
        Assert.Null(await cache.FindValidAsync("nobody"));
        Assert.Null(await cache.FindValidAsync(""));
        Assert.Null(await cache.FindValidAsync(new string('k', 10_000)));
        var key = await store.CreateAsync("shop", TestContext.Current.CancellationToken);
        Assert.Equal("shop", (await cache.FindValidAsync(key.Key))!.OrganizationId);
        await store.RevokeAsync(key.Key, TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.NotNull(await cache.FindValidAsync(key.Key));
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Null(await cache.FindValidAsync(key.Key));
        // Keys that do not fit into the cache only cost another lookup.
        for (var i = 0; i < 10; i++)
        {
            Assert.Null(await cache.FindValidAsync($"unknown-{i}"));
        }
    }
}
