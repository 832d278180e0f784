using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using OrdersActors.Storage;

namespace OrdersActors.Grains.Authentication;

/// <summary>
/// The last uses of keys that <see cref="KeyUseWriter"/> has not stored yet, to the minute. Recording is a lookup in
/// memory, and a write to it once per key and minute. Only valid keys are recorded, at most as many as the key cache
/// may hold; the uses of further keys are stored later. Thread-safe.
/// </summary>
internal sealed class KeyUses(IOptions<AuthenticationOptions> options, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _uses = new();

    // ConcurrentDictionary.Count takes all locks. Concurrent additions may exceed the bound by their number.
    private int _count;

    /// <summary>Records that a valid key is in use now.</summary>
    public void Record(string key)
    {
        var now = time.GetUtcNow();
        var minute = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMinute));
        if (_uses.TryGetValue(key, out var last))
        {
            // If it fails, another caller has recorded the same minute, or the use has just been stored.
            _ = last >= minute || _uses.TryUpdate(key, minute, last);
        }
        else if (Volatile.Read(ref _count) < options.Value.KeyCacheSize && _uses.TryAdd(key, minute))
        {
            Interlocked.Increment(ref _count);
        }
    }

    /// <summary>Returns the uses that have not been stored yet.</summary>
    public ApiKeyUse[] Snapshot() => [.. _uses.Select(use => new ApiKeyUse(use.Key, use.Value))];

    /// <summary>Forgets uses that have been stored, except those of keys that have been used again.</summary>
    public void Forget(IEnumerable<ApiKeyUse> stored)
    {
        foreach (var use in stored)
        {
            if (_uses.TryRemove(KeyValuePair.Create(use.Key, use.At)))
            {
                Interlocked.Decrement(ref _count);
            }
        }
    }
}
