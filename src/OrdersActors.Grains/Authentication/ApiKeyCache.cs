using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrdersActors.Storage;
using OrdersActors.Storage.ApiKeys;

namespace OrdersActors.Grains.Authentication;

/// <summary>
/// Caches key lookups for a few seconds, so that a thousand browsers that reconnect at once cost one database lookup.
/// Unknown keys are cached too. The size is bounded: at the bound the cache is cleared, which costs one more lookup per
/// key. Logs the changes that operators have made to a key since its previous lookup. Thread-safe: of several callers
/// that miss the same key at the same time, one looks it up.
/// </summary>
internal sealed partial class ApiKeyCache(
    IApiKeyStore store, IOptions<AuthenticationOptions> options, TimeProvider time, ILogger<ApiKeyCache> logger)
{
    // Longer than any valid key; looking up a longer text would only fill the cache.
    private const int MaxKeyLength = 128;

    private readonly ConcurrentDictionary<string, Lookup> _keys = new();

    /// <summary>Returns a key, also if it is revoked or expired; null if it is unknown.</summary>
    public async Task<ApiKey?> FindAsync(string key) =>
        key.Length is 0 or > MaxKeyLength ? null : await Find(key).Key.Value;

    /// <summary>Returns a valid key, or null if the key is unknown, revoked or expired.</summary>
    public async Task<ApiKey?> FindValidAsync(string key)
    {
        var found = await FindAsync(key);
        return found?.IsValidAt(time.GetUtcNow()) == true ? found : null;
    }

    private Lookup Find(string key)
    {
        while (true)
        {
            var now = time.GetTimestamp();
            var isCached = _keys.TryGetValue(key, out var cached);
            if (isCached && !cached!.IsFaulted && time.GetElapsedTime(cached.At, now) < options.Value.KeyCacheTime)
            {
                return cached;
            }

            if (_keys.Count >= options.Value.KeyCacheSize)
            {
                _keys.Clear();
                isCached = false;
            }

            var before = cached?.Known;
            var next = new Lookup(now, new Lazy<Task<ApiKey?>>(() => LookUpAsync(key, before)), before);
            if (isCached ? _keys.TryUpdate(key, next, cached!) : _keys.TryAdd(key, next))
            {
                return next;
            }
        }
    }

    private async Task<ApiKey?> LookUpAsync(string key, ApiKey? before)
    {
        var found = await store.FindAsync(key);
        if (before is not null && found is not null && ApiKeyDifference.Describe(before, found) is { Length: > 0 } what)
        {
            LogChanged(ApiKeyText.Shorten(key), found.OrganizationId, what);
        }

        return found;
    }

    [LoggerMessage(1250, LogLevel.Information, "The key {Key} of {OrganizationId} was changed: {Change}")]
    private partial void LogChanged(string key, string organizationId, string change);

    private sealed record Lookup(long At, Lazy<Task<ApiKey?>> Key, ApiKey? Before)
    {
        public bool IsFaulted => Key is { IsValueCreated: true, Value.IsFaulted: true };

        /// <summary>The key, as far as this lookup or a previous one has found it.</summary>
        public ApiKey? Known =>
            Key is { IsValueCreated: true, Value.IsCompletedSuccessfully: true } ? Key.Value.Result : Before;
    }
}
