using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd.Sessions.Authentication;
using OrdersActors.Http;
using OrdersActors.Http.Authentication;

namespace OrdersActors.Tests.Http.Authentication;

public sealed class AuthenticationCacheTests
{
    private static readonly ClientIdentity Identity = new("key", "shop", IsSigned: true);

    private readonly FakeTimeProvider _time = new();
    private readonly AuthenticationCache _cache;
    private int _checks;

    public AuthenticationCacheTests() => _cache = new AuthenticationCache(
        Options.Create(new HttpOptions { AuthenticationCacheTime = TimeSpan.FromSeconds(2) }), _time);

    [Fact]
    public async Task Success_is_used_again_until_its_time_has_passed()
    {
        var id = Id("secret");
        Assert.Null(_cache.Find(id));
        Assert.Same(Identity, await _cache.GetAsync(id, Check));
        _time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Same(Identity, await _cache.Find(id)!);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Null(_cache.Find(id));
        await _cache.GetAsync(id, Check);
        Assert.Equal(2, _checks);
    }

    [Fact]
    public async Task Concurrent_requests_with_the_same_credentials_share_one_check()
    {
        var answer = new TaskCompletionSource<ClientIdentity>();
        var first = _cache.GetAsync(Id("secret"), () => answer.Task);
        var second = _cache.GetAsync(Id("secret"), Check);
        Assert.False(_cache.Find(Id("secret"))!.IsCompleted);
        answer.SetResult(Identity);
        Assert.Same(await first, await second);
        Assert.Equal(0, _checks);
    }

    [Fact]
    public async Task Failure_is_shared_by_the_requests_that_wait_and_not_kept()
    {
        var answer = new TaskCompletionSource<ClientIdentity>();
        var first = _cache.GetAsync(Id("wrong"), () => answer.Task);
        var second = _cache.GetAsync(Id("wrong"), Check);
        answer.SetException(new InvalidOperationException());
        await Assert.ThrowsAsync<InvalidOperationException>(() => first);
        await Assert.ThrowsAsync<InvalidOperationException>(() => second);
        Assert.Null(_cache.Find(Id("wrong")));
        Assert.Equal(0, _cache.Count);
    }

    [Fact]
    public async Task Token_is_not_used_after_its_expiry()
    {
        var grant = new TokenGrant([], IsOrganization: true, _time.GetUtcNow().AddSeconds(1));
        await _cache.GetAsync(Id("token"), () => Task.FromResult(Identity with { Grant = grant }));
        Assert.NotNull(_cache.Find(Id("token")));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(_cache.Find(Id("token")));
    }

    [Fact]
    public async Task Size_is_bounded()
    {
        for (var i = 0; i <= AuthenticationCache.MaxEntries; i++)
        {
            await _cache.GetAsync(Id($"secret-{i}"), Check);
        }

        Assert.InRange(_cache.Count, 1, AuthenticationCache.MaxEntries);
    }

    [Fact]
    public void Different_credentials_have_different_ids()
    {
        ClientCredentials[] all =
        [
            new() { ApiKey = "key", Secret = "s" },
            new() { ApiKey = "keys", Secret = "" },
            new() { ApiKey = "key", Token = "s" },
            new() { ApiKey = "key", Signature = "s" },
            new() { ApiKey = "key", Signature = "s", Method = "POST" },
            new() { ApiKey = "key", Signature = "s", Path = "/v1/events" },
            new() { ApiKey = "key" },
            new() { ApiKey = "key", Secret = "" },
        ];
        Assert.Equal(all.Length, all.Select(_cache.IdOf).Distinct().Count());
        Assert.Equal(_cache.IdOf(all[0]), _cache.IdOf(all[0] with { }));
        // Another process has another key, so ids cannot be compared.
        Assert.NotEqual(
            CredentialsId.Of(all[0], CredentialsId.NewKey()), CredentialsId.Of(all[0], CredentialsId.NewKey()));
    }

    private CredentialsId Id(string secret) => _cache.IdOf(new ClientCredentials { ApiKey = "key", Secret = secret });

    private Task<ClientIdentity> Check()
    {
        _checks++;
        return Task.FromResult(Identity);
    }
}
