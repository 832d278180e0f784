using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Grains.Authentication;
using OrdersActors.Storage;
using OrdersActors.Storage.Sqlite;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Grains.Authentication;

public sealed class ApiKeyCacheTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private readonly RecordingLogger<ApiKeyCache> _logger = new();
    private readonly SqliteApiKeyStore _store;

    public ApiKeyCacheTests() => _store = new SqliteApiKeyStore(
        new SqliteStorageOptions { DataDirectory = _folder.Path }, new EphemeralDataProtectionProvider(), _time);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Revoked_key_is_valid_no_longer_than_the_cache_time()
    {
        var cache = Open(_store, size: 2);
        Assert.Null(await cache.FindValidAsync("nobody"));
        Assert.Null(await cache.FindValidAsync(""));
        Assert.Null(await cache.FindValidAsync(new string('k', 10_000)));
        var key = await _store.CreateAsync("shop", Cancelled);
        Assert.Equal("shop", (await cache.FindValidAsync(key.Key))!.OrganizationId);
        await _store.RevokeAsync(key.Key, Cancelled);
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.NotNull(await cache.FindValidAsync(key.Key));
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Null(await cache.FindValidAsync(key.Key));
        Assert.True((await cache.FindAsync(key.Key))!.IsRevoked);
        // Keys that do not fit into the cache only cost another lookup.
        for (var i = 0; i < 10; i++)
        {
            Assert.Null(await cache.FindValidAsync($"unknown-{i}"));
        }
    }

    [Fact]
    public async Task Cached_key_ends_at_its_expiry_without_a_lookup()
    {
        var key = await _store.CreateAsync(
            "shop", new ApiKeySettings(ExpiresAt: _time.GetUtcNow().AddSeconds(2)), Cancelled);
        var cache = Open(_store);
        Assert.NotNull(await cache.FindValidAsync(key.Key));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(await cache.FindValidAsync(key.Key));
    }

    [Fact]
    public async Task Change_of_a_key_is_logged_once_without_the_whole_key_or_a_secret()
    {
        var key = await _store.CreateAsync("shop", Cancelled);
        var cache = Open(_store);
        await FindTwiceAsync(cache, key.Key);
        Assert.Empty(_logger.Ids);

        var second = (await _store.RotateAsync(key.Key, Cancelled)).Secret!;
        await _store.UpdateAsync(
            key.Key, new ApiKeyUpdate(ApiKeyAccess.Restricted, true, DateTimeOffset.UnixEpoch.AddYears(80)), Cancelled);
        await FindTwiceAsync(cache, key.Key);
        Assert.Equal([1250], _logger.Ids);
        Assert.Contains(
            $"The key {key.Key[..8]}… of shop was changed: access open → restricted; "
            + "expiry never → 2050-01-01T00:00:00.0000000Z; secrets 1 → 2 and 1",
            _logger.Text, StringComparison.Ordinal);

        await _store.EndRotationAsync(key.Key, keepNewer: true, Cancelled);
        await FindTwiceAsync(cache, key.Key);
        await _store.RevokeAsync(key.Key, Cancelled);
        await FindTwiceAsync(cache, key.Key);
        Assert.Equal([1250, 1250, 1250], _logger.Ids);
        Assert.Contains("secrets 2 and 1 → 2", _logger.Text, StringComparison.Ordinal);
        Assert.Contains("state valid → revoked", _logger.Text, StringComparison.Ordinal);
        Assert.All(
            [key.Key, key.Secret, second],
            secret => Assert.DoesNotContain(secret, _logger.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Concurrent_misses_of_one_key_share_a_lookup_and_a_failed_one_is_repeated()
    {
        var answer = new TaskCompletionSource<ApiKey?>();
        var lookups = 0;
        var store = ScriptedProxy.Create<IApiKeyStore>((_, _) =>
        {
            Interlocked.Increment(ref lookups);
            return answer.Task;
        });
        var cache = Open(store);
        var all = Enumerable.Range(0, 20).Select(_ => Task.Run(() => cache.FindAsync("key"), Cancelled)).ToArray();
        answer.SetException(new EventLogUnavailableException("down"));
        foreach (var find in all)
        {
            await Assert.ThrowsAsync<EventLogUnavailableException>(() => find);
        }

        var failed = lookups;
        answer = new TaskCompletionSource<ApiKey?>();
        all = [.. Enumerable.Range(0, 20).Select(_ => Task.Run(() => cache.FindAsync("key"), Cancelled))];
        answer.SetResult(null);
        Assert.All(await Task.WhenAll(all), Assert.Null);
        Assert.Equal(failed + 1, lookups);
    }

    private async Task FindTwiceAsync(ApiKeyCache cache, string key)
    {
        _time.Advance(TimeSpan.FromSeconds(6));
        await cache.FindValidAsync(key);
        await cache.FindValidAsync(key);
    }

    private ApiKeyCache Open(IApiKeyStore store, int size = 100) => new(
        store,
        Options.Create(new AuthenticationOptions { KeyCacheTime = TimeSpan.FromSeconds(5), KeyCacheSize = size }),
        _time,
        _logger);
}
