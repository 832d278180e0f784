using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using OrdersActors.Storage;

namespace OrdersActors.Grains.Authentication;

/// <summary>
/// Caches key lookups for a few seconds, so that a thousand browsers that reconnect at once cost one database lookup.
/// Unknown keys are cached too. The size is bounded: at the bound the cache is cleared, which costs one more lookup per
/// key. Thread-safe: two callers that miss the same key at the same time look it up twice, and either result may stay.
/// </summary>
internal sealed class ApiKeyCache(IApiKeyStore store, IOptions<AuthenticationOptions> options, TimeProvider time)
{
    // Longer than any valid key; looking up a longer text would only fill the cache.
    private const int MaxKeyLength = 128;

    private readonly ConcurrentDictionary<string, (Task<ApiKey?> Key, long At)> _keys = new();

    /// <summary>Returns a valid key, or null if the key is unknown, revoked or expired.</summary>
    public async Task<ApiKey?> FindValidAsync(string key)
    {
        if (key.Length is 0 or > MaxKeyLength)
        {
            return null;
        }

        var found = await Find(key);
        return found?.IsValidAt(time.GetUtcNow()) == true ? found : null;
    }

    private Task<ApiKey?> Find(string key)
    {
        var now = time.GetTimestamp();
        if (_keys.TryGetValue(key, out var cached)
            && !cached.Key.IsFaulted
            && time.GetElapsedTime(cached.At, now) < options.Value.KeyCacheTime)
        {
            return cached.Key;
        }

        if (_keys.Count >= options.Value.KeyCacheSize)
        {
            _keys.Clear();
        }

        var lookup = store.FindAsync(key);
        _keys[key] = (lookup, now);
        return lookup;
    }
}
