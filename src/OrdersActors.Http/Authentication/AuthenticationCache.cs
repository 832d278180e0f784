using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd.Sessions.Authentication;

namespace OrdersActors.Http.Authentication;

/// <summary>
/// Uses a successful authentication for the following requests with the same credentials, for
/// <see cref="HttpOptions.AuthenticationCacheTime"/>. Requests with the same credentials that come at the same time
/// share one check. Failures are not kept.
/// </summary>
/// <remarks>
/// A service sends the same credentials with every request. Without the cache, each request would cost one more call of
/// a grain, in a front end over the network. Bounded: at <see cref="MaxEntries"/> the cache is cleared, which costs one
/// more check for each of them. Thread-safe.
/// </remarks>
internal sealed class AuthenticationCache(IOptions<HttpOptions> options, TimeProvider time)
{
    /// <summary>About 400 bytes each, so 4 MB in total.</summary>
    public const int MaxEntries = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<CredentialsId, Entry> _entries = [];
    private readonly byte[] _key = CredentialsId.NewKey();

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _entries.Count;
            }
        }
    }

    public CredentialsId IdOf(ClientCredentials credentials) => CredentialsId.Of(credentials, _key);

    /// <summary>Returns a check that is in progress or has succeeded recently, or null.</summary>
    public Task<ClientIdentity>? Find(CredentialsId id)
    {
        lock (_lock)
        {
            return FindLive(id)?.Identity;
        }
    }

    /// <summary>Returns the same as <see cref="Find"/>, or starts a check.</summary>
    public async Task<ClientIdentity> GetAsync(CredentialsId id, Func<Task<ClientIdentity>> check)
    {
        TaskCompletionSource<ClientIdentity>? own = null;
        Entry entry;
        lock (_lock)
        {
            if (FindLive(id) is { } live)
            {
                entry = live;
            }
            else
            {
                own = new TaskCompletionSource<ClientIdentity>(TaskCreationOptions.RunContinuationsAsynchronously);
                entry = Add(id, own.Task);
            }
        }

        if (own is null)
        {
            return await entry.Identity;
        }

        try
        {
            own.SetResult(await check());
        }
        catch (Exception e)
        {
            Remove(id, entry);
            own.SetException(e);
        }

        // Also observes the failure, which nobody else may await.
        return await own.Task;
    }

    private Entry? FindLive(CredentialsId id) =>
        _entries.TryGetValue(id, out var entry) && (IsInProgress(entry) || IsUsable(entry)) ? entry : null;

    private static bool IsInProgress(Entry entry) => !entry.Identity.IsCompleted;

    private bool IsUsable(Entry entry) =>
        entry.Identity.IsCompletedSuccessfully
        && time.GetElapsedTime(entry.At) < options.Value.AuthenticationCacheTime
        && (entry.Identity.Result.Grant is not { } grant || grant.ExpiresAt > time.GetUtcNow());

    private Entry Add(CredentialsId id, Task<ClientIdentity> identity)
    {
        if (_entries.Count >= MaxEntries)
        {
            _entries.Clear();
        }

        return _entries[id] = new Entry(identity, time.GetTimestamp());
    }

    private void Remove(CredentialsId id, Entry entry)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(id, out var current) && ReferenceEquals(current, entry))
            {
                _entries.Remove(id);
            }
        }
    }

    private sealed record Entry(Task<ClientIdentity> Identity, long At);
}
