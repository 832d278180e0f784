using OrdersActors.Storage;

namespace OrdersActors.Tests.Storage;

/// <summary>What every API key store must hold to. An implementation derives from this and says how its store is opened.</summary>
public abstract class ApiKeyStoreContract
{
    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Opens the test's store, as another process would: what is stored is shared, and nothing else.</summary>
    protected abstract Task<IApiKeyStore> OpenAsync();

    [Fact]
    public async Task A_key_is_found_with_its_secret_also_by_another_process_and_listed_without_it()
    {
        var created = await (await OpenAsync()).CreateAsync("shop", Cancelled);
        await (await OpenAsync()).CreateAsync("other", Cancelled);
        var found = await (await OpenAsync()).FindAsync(created.Key, Cancelled);
        Assert.Equal(("shop", created.Secret, false), (found!.OrganizationId, found.Secret, found.IsRevoked));
        Assert.Null(await (await OpenAsync()).FindAsync("nobody", Cancelled));
        Assert.Equal(2, (await (await OpenAsync()).ListAsync(null, Cancelled)).Count);
        Assert.Equal(created.Key, Assert.Single(await (await OpenAsync()).ListAsync("shop", Cancelled)).Key);
        Assert.DoesNotContain(created.Secret, created.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(created.Secret, found.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_are_listed_oldest_first()
    {
        var store = await OpenAsync();
        var before = DateTimeOffset.UtcNow.AddSeconds(-1);
        var keys = new List<string>();
        foreach (var organization in (string[])["b", "a", "c"])
        {
            keys.Add((await store.CreateAsync(organization, Cancelled)).Key);
            // Finer than a millisecond they may count as made at once.
            await Task.Delay(2, Cancelled);
        }

        var listed = await store.ListAsync(null, Cancelled);
        Assert.Equal(keys, listed.Select(key => key.Key));
        Assert.All(listed, key => Assert.InRange(key.CreatedAt, before, DateTimeOffset.UtcNow.AddSeconds(1)));
        Assert.All(listed, key => Assert.Null(key.RevokedAt));
    }

    [Fact]
    public async Task Revoking_is_for_good_and_may_be_repeated()
    {
        var store = await OpenAsync();
        var key = await store.CreateAsync("shop", Cancelled);
        var revoked = await store.RevokeAsync(key.Key, Cancelled);
        var at = Assert.Single(await store.ListAsync(null, Cancelled)).RevokedAt;
        Assert.NotNull(at);
        Assert.Equal(new KeyRevocation("shop", at.Value, WasRevoked: false), revoked);
        Assert.Equal(revoked! with { WasRevoked = true }, await store.RevokeAsync(key.Key, Cancelled));
        Assert.Equal(at, Assert.Single(await store.ListAsync(null, Cancelled)).RevokedAt);
        Assert.True((await store.FindAsync(key.Key, Cancelled))!.IsRevoked);
        Assert.Null(await store.RevokeAsync("nobody", Cancelled));
    }

    [Fact]
    public async Task An_organization_that_is_none_is_named()
    {
        var store = await OpenAsync();
        var e = await Assert.ThrowsAsync<InvalidOrderEventException>(() => store.CreateAsync("", Cancelled));
        Assert.Equal("organization_id", e.Field);
    }
}
