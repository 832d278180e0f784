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
    public async Task Key_is_open_without_expiry_unless_its_settings_say_otherwise()
    {
        var store = await OpenAsync();
        var expiry = new DateTimeOffset(2050, 1, 2, 3, 4, 5, 678, TimeSpan.FromHours(2));
        var plain = await store.CreateAsync("shop", Cancelled);
        var special = await store.CreateAsync("shop", new ApiKeySettings(ApiKeyAccess.Restricted, expiry), Cancelled);

        var found = (await (await OpenAsync()).FindAsync(plain.Key, Cancelled))!;
        Assert.Equal((ApiKeyAccess.Open, null), (found.Access, found.ExpiresAt));
        Assert.Equal([new ApiKeySecret(1, plain.Secret)], found.Secrets);
        found = (await (await OpenAsync()).FindAsync(special.Key, Cancelled))!;
        Assert.Equal((ApiKeyAccess.Restricted, expiry.ToUniversalTime()), (found.Access, found.ExpiresAt));
        Assert.Equal([new ApiKeySecret(1, special.Secret)], found.Secrets);

        var listed = (await store.ListAsync("shop", Cancelled)).ToDictionary(key => key.Key);
        var (first, second) = (listed[plain.Key], listed[special.Key]);
        Assert.Equal((ApiKeyAccess.Open, null, null), (first.Access, first.ExpiresAt, first.LastUsedAt));
        Assert.Equal([new ApiKeySecretInfo(1, first.CreatedAt)], first.Secrets);
        Assert.Equal((ApiKeyAccess.Restricted, expiry.ToUniversalTime()), (second.Access, second.ExpiresAt));
    }

    [Fact]
    public async Task Update_changes_only_what_it_names()
    {
        var store = await OpenAsync();
        var expiry = new DateTimeOffset(2050, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var key = await store.CreateAsync("shop", Cancelled);

        await UpdatesToAsync(new ApiKeyUpdate(ApiKeyAccess.Restricted), ApiKeyAccess.Restricted, null);
        await UpdatesToAsync(
            new ApiKeyUpdate(ChangesExpiry: true, ExpiresAt: expiry), ApiKeyAccess.Restricted, expiry);
        await UpdatesToAsync(new ApiKeyUpdate(ApiKeyAccess.Open), ApiKeyAccess.Open, expiry);
        await UpdatesToAsync(
            new ApiKeyUpdate(ApiKeyAccess.Restricted, ChangesExpiry: true), ApiKeyAccess.Restricted, null);
        Assert.Equal(
            KeyChangeOutcome.NoSuchKey, (await store.UpdateAsync("nobody", new ApiKeyUpdate(), Cancelled)).Outcome);

        async Task UpdatesToAsync(ApiKeyUpdate update, ApiKeyAccess access, DateTimeOffset? expiresAt)
        {
            var change = await store.UpdateAsync(key.Key, update, Cancelled);
            Assert.Equal(
                (KeyChangeOutcome.Changed, access, expiresAt),
                (change.Outcome, change.Key!.Access, change.Key.ExpiresAt));
            var found = (await (await OpenAsync()).FindAsync(key.Key, Cancelled))!;
            Assert.Equal((access, expiresAt), (found.Access, found.ExpiresAt));
        }
    }

    [Fact]
    public async Task Rotation_adds_a_secret_and_ends_the_older_one()
    {
        var store = await OpenAsync();
        var key = await store.CreateAsync("shop", Cancelled);
        Assert.Equal(KeyChangeOutcome.HasOneSecret, (await EndAsync(keepNewer: true)).Outcome);

        var rotation = await store.RotateAsync(key.Key, Cancelled);
        Assert.Equal(KeyChangeOutcome.Changed, rotation.Outcome);
        Assert.Equal([2, 1], rotation.Key!.Secrets.Select(secret => secret.Id));
        Assert.True(rotation.Key.Secrets[0].CreatedAt >= rotation.Key.Secrets[1].CreatedAt);
        Assert.Equal(rotation.Key.CreatedAt, rotation.Key.Secrets[1].CreatedAt);
        Assert.NotEqual(key.Secret, rotation.Secret);
        Assert.DoesNotContain(rotation.Secret!, rotation.ToString(), StringComparison.Ordinal);
        await HasSecretsAsync(key.Key, (2, rotation.Secret!), (1, key.Secret));

        var refused = await store.RotateAsync(key.Key, Cancelled);
        Assert.Equal((KeyChangeOutcome.HasTwoSecrets, null), (refused.Outcome, refused.Secret));
        await HasSecretsAsync(key.Key, (2, rotation.Secret!), (1, key.Secret));

        var ended = await EndAsync(keepNewer: true);
        Assert.Equal(KeyChangeOutcome.Changed, ended.Outcome);
        Assert.Equal([rotation.Key.Secrets[0]], ended.Key!.Secrets);
        await HasSecretsAsync(key.Key, (2, rotation.Secret!));
        Assert.Equal(KeyChangeOutcome.HasOneSecret, (await EndAsync(keepNewer: true)).Outcome);

        var third = await store.RotateAsync(key.Key, Cancelled);
        await HasSecretsAsync(key.Key, (3, third.Secret!), (2, rotation.Secret!));

        Task<KeyChange> EndAsync(bool keepNewer) => store.EndRotationAsync(key.Key, keepNewer, Cancelled);
    }

    [Fact]
    public async Task Number_of_a_cancelled_secret_is_not_used_again()
    {
        var store = await OpenAsync();
        var key = await store.CreateAsync("shop", Cancelled);
        await store.RotateAsync(key.Key, Cancelled);
        var cancelled = await store.EndRotationAsync(key.Key, keepNewer: false, Cancelled);
        Assert.Equal(KeyChangeOutcome.Changed, cancelled.Outcome);
        Assert.Equal([1], cancelled.Key!.Secrets.Select(secret => secret.Id));
        await HasSecretsAsync(key.Key, (1, key.Secret));
        Assert.Equal(
            KeyChangeOutcome.HasOneSecret,
            (await store.EndRotationAsync(key.Key, keepNewer: false, Cancelled)).Outcome);
        var again = await store.RotateAsync(key.Key, Cancelled);
        await HasSecretsAsync(key.Key, (3, again.Secret!), (1, key.Secret));
        await store.EndRotationAsync(key.Key, keepNewer: true, Cancelled);
        await HasSecretsAsync(key.Key, (3, again.Secret!));
    }

    [Fact]
    public async Task Concurrent_rotations_create_one_secret()
    {
        var key = await (await OpenAsync()).CreateAsync("shop", Cancelled);
        var stores = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => OpenAsync()));
        var changes = await Task.WhenAll(stores.Select(store => store.RotateAsync(key.Key, Cancelled)));
        var made = Assert.Single(changes, change => change.Outcome == KeyChangeOutcome.Changed);
        Assert.All(
            changes.Where(change => change != made),
            change => Assert.Equal((KeyChangeOutcome.HasTwoSecrets, null), (change.Outcome, change.Secret)));
        await HasSecretsAsync(key.Key, (2, made.Secret!), (1, key.Secret));
    }

    [Fact]
    public async Task Revoked_or_unknown_key_is_not_changed()
    {
        var store = await OpenAsync();
        var key = await store.CreateAsync("shop", Cancelled);
        await store.RotateAsync(key.Key, Cancelled);
        await store.RevokeAsync(key.Key, Cancelled);
        foreach (var (name, outcome) in new[]
        {
            (key.Key, KeyChangeOutcome.Revoked), ("nobody", KeyChangeOutcome.NoSuchKey),
        })
        {
            Assert.Equal(
                outcome,
                (await store.UpdateAsync(name, new ApiKeyUpdate(ApiKeyAccess.Restricted), Cancelled)).Outcome);
            Assert.Equal(outcome, (await store.RotateAsync(name, Cancelled)).Outcome);
            Assert.Equal(outcome, (await store.EndRotationAsync(name, keepNewer: true, Cancelled)).Outcome);
        }

        var found = (await store.FindAsync(key.Key, Cancelled))!;
        Assert.Equal((ApiKeyAccess.Open, 2), (found.Access, found.Secrets.Count));
    }

    [Fact]
    public async Task Latest_use_of_each_key_is_listed()
    {
        var store = await OpenAsync();
        var keys = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            keys.Add((await store.CreateAsync("shop", Cancelled)).Key);
        }

        var minute = new DateTimeOffset(2026, 11, 28, 18, 5, 0, TimeSpan.Zero);
        await store.RecordUsesAsync([new(keys[0], minute), new(keys[1], minute), new("nobody", minute)], Cancelled);
        await store.RecordUsesAsync(
            [new(keys[0], minute.AddMinutes(-1)), new(keys[1], minute.AddMinutes(1))], Cancelled);
        await store.RecordUsesAsync([], Cancelled);

        var listed = (await (await OpenAsync()).ListAsync(null, Cancelled)).ToDictionary(key => key.Key);
        Assert.Equal(3, listed.Count);
        Assert.Equal(minute, listed[keys[0]].LastUsedAt);
        Assert.Equal(minute.AddMinutes(1), listed[keys[1]].LastUsedAt);
        Assert.Null(listed[keys[2]].LastUsedAt);
    }

    [Fact]
    public async Task Concurrent_servers_record_the_same_keys()
    {
        var keys = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            keys.Add((await (await OpenAsync()).CreateAsync("shop", Cancelled)).Key);
        }

        var minute = new DateTimeOffset(2026, 11, 28, 18, 5, 0, TimeSpan.Zero);
        var stores = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => OpenAsync()));
        // Each server has the keys in another order.
        await Task.WhenAll(stores.Select((store, i) => Task.Run(
            async () =>
            {
                for (var round = 0; round < 10; round++)
                {
                    var uses = keys.Select(key => new ApiKeyUse(key, minute.AddMinutes((10 * round) + i)));
                    await store.RecordUsesAsync([.. i % 2 == 0 ? uses : uses.Reverse()], Cancelled);
                }
            },
            Cancelled)));
        Assert.All(
            await stores[0].ListAsync(null, Cancelled), key => Assert.Equal(minute.AddMinutes(93), key.LastUsedAt));
    }

    /// <summary>The secrets of a key, newest first, as another process finds them.</summary>
    private async Task HasSecretsAsync(string key, params (int Id, string Value)[] secrets) => Assert.Equal(
        secrets,
        (await (await OpenAsync()).FindAsync(key, Cancelled))!.Secrets.Select(secret => (secret.Id, secret.Value)));

    [Fact]
    public async Task Invalid_organization_is_named()
    {
        var store = await OpenAsync();
        var e = await Assert.ThrowsAsync<InvalidOrderEventException>(() => store.CreateAsync("", Cancelled));
        Assert.Equal("organization_id", e.Field);
    }
}
