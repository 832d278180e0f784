using OrdersActors.Storage;

namespace OrdersActors.Tests.Storage.ApiKeys;

/// <summary>
/// The requirements for every API key store. The test class of an implementation derives from this and opens its store.
/// </summary>
public abstract class ApiKeyStoreContract
{
    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Opens the test's store as another process would: only the stored data is shared.</summary>
    protected abstract Task<IApiKeyStore> OpenAsync();

    [Fact]
    public async Task Key_is_found_with_its_secret_also_by_another_process_and_listed_without_it()
    {
        var created = await (await OpenAsync()).CreateAsync("shop", Cancelled);
        await (await OpenAsync()).CreateAsync("other", Cancelled);
        var found = await (await OpenAsync()).FindAsync(created.Key, Cancelled);
        Assert.Equal(("shop", created.Secret, false), (found!.OrganizationId, found.Secrets[0].Value, found.IsRevoked));
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
            // Keys created within the same millisecond may be listed in any order.
            await Task.Delay(2, Cancelled);
        }

        var listed = await store.ListAsync(null, Cancelled);
        Assert.Equal(keys, listed.Select(key => key.Key));
        Assert.All(listed, key => Assert.InRange(key.CreatedAt, before, DateTimeOffset.UtcNow.AddSeconds(1)));
        Assert.All(listed, key => Assert.Null(key.RevokedAt));
    }

    [Fact]
    public async Task Revocation_is_permanent_and_may_be_repeated()
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
    public async Task Invalid_organization_is_named()
    {
        var store = await OpenAsync();
        var e = await Assert.ThrowsAsync<InvalidOrderEventException>(() => store.CreateAsync("", Cancelled));
        Assert.Equal("organization_id", e.Field);
    }
}
