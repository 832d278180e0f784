using System.Text.Json;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Commands;

/// <summary><c>keys rotate</c> and <c>keys update</c> change keys of a running server.</summary>
public sealed class KeyChangeTests(QuickKeysServer running) : IClassFixture<QuickKeysServer>
{
    private static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(30);

    private ServerProcess Server => running.Server;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rotation_closes_only_connections_with_the_old_secret()
    {
        var (key, old) = await Server.CreateKeyAsync("rotated");
        await Server.PublishAsync("rotated", "rotated-1", "created");
        var rotated = await ChangeAsync("rotate", key);
        var secret = rotated.Json.GetProperty("api_secret").GetString()!;
        Assert.Equal(
            ("rotated", key, 2, 1),
            (rotated.Json.GetProperty("organization_id").GetString(), rotated.Json.GetProperty("api_key").GetString(),
                rotated.Json.GetProperty("secret_id").GetInt32(),
                rotated.Json.GetProperty("accepted_within_seconds").GetInt32()));
        Assert.Contains($"'keys rotate {key} --finish'", rotated.Error, StringComparison.Ordinal);
        await Failing.WithOneLineAsync(Server.RunAsync("keys", "rotate", key), "already has two secrets", "--finish");

        await using var stale = await SignedAsync(key, old);
        await using var renewed = await SignedAsync(key, old);
        await using var current = await SignedAsync(key, secret);
        await using var unsigned = await SeedClient.ConnectAsync(Server.WebSocketAddress, key);
        await unsigned.SubscribeAsync("rotated-1");
        await renewed.SendAsync(SeedClient.Connect(key, SeedClient.Sign(key, secret)));
        await renewed.WaitForAsync(
            messages => messages.Count(m => m.GetProperty("type").GetString() == "connected") == 2, "the renewal");

        var finished = await ChangeAsync("rotate", key, "--finish");
        Assert.Equal(
            (2, 2),
            (finished.Json.GetProperty("secret_id").GetInt32(),
                finished.Json.GetProperty("connections_close_within_seconds").GetInt32()));
        Assert.Equal(1012, await stale.WaitForCloseAsync().WaitAsync(CloseTime, Cancelled));
        var error = await stale.ExpectErrorAsync("unavailable");
        Assert.Contains("has been replaced", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        await Server.PublishAsync("rotated", "rotated-1", "paid");
        foreach (var open in new[] { renewed, current, unsigned })
        {
            await open.WaitForEventsAsync(1);
        }

        await using var refused = await SeedClient.OpenAsync(Server.WebSocketAddress);
        await refused.SendAsync(SeedClient.Connect(key, SeedClient.Sign(key, old)));
        await refused.ExpectErrorAsync("invalid_signature");
        await Failing.WithOneLineAsync(Server.RunAsync("keys", "rotate", key, "--finish"), "has only one secret");
        Assert.Equal([2], SecretsOf(await ListedAsync(key)));

        // The command and the server log each change, without the secrets and the whole key.
        Assert.Contains("[1612]", rotated.Error, StringComparison.Ordinal);
        Assert.Contains("[1613]", finished.Error, StringComparison.Ordinal);
        Assert.Contains("[1250]", Server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(key, Server.Output, StringComparison.Ordinal);
        foreach (var hidden in new[] { old, secret })
        {
            Assert.DoesNotContain(
                hidden, rotated.Error + finished.Error + Server.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Cancelled_rotation_ends_the_new_secret()
    {
        var (key, old) = await Server.CreateKeyAsync("cancelled");
        var secret = (await ChangeAsync("rotate", key)).Json.GetProperty("api_secret").GetString()!;
        await using var withNew = await SignedAsync(key, secret);
        await using var withOld = await SignedAsync(key, old);
        var cancelled = await ChangeAsync("rotate", key, "--cancel");
        Assert.Contains("[1614]", cancelled.Error, StringComparison.Ordinal);
        Assert.Equal(1, cancelled.Json.GetProperty("secret_id").GetInt32());
        Assert.Equal(1012, await withNew.WaitForCloseAsync().WaitAsync(CloseTime, Cancelled));
        await Server.PublishAsync("cancelled", "cancelled-1", "created");
        await withOld.WaitForEventsAsync(1);
    }

    [Fact]
    public async Task Restricting_a_key_closes_only_its_connections_without_a_proof()
    {
        var (key, secret) = await Server.CreateKeyAsync("restricted");
        await Server.PublishAsync("restricted", "restricted-1", "created");
        await using var unsigned = await SeedClient.ConnectAsync(Server.WebSocketAddress, key);
        await unsigned.SubscribeAsync("restricted-1");
        await using var signed = await SignedAsync(key, secret);

        var updated = await ChangeAsync("update", key, "--access", "restricted");
        Assert.Equal(
            ("restricted", JsonValueKind.Null, 2),
            (updated.Json.GetProperty("access").GetString(), updated.Json.GetProperty("expires_at").ValueKind,
                updated.Json.GetProperty("takes_effect_within_seconds").GetInt32()));
        Assert.Contains("[1611]", updated.Error, StringComparison.Ordinal);
        Assert.Equal(1008, await unsigned.WaitForCloseAsync().WaitAsync(CloseTime, Cancelled));
        await unsigned.ExpectErrorAsync("access_denied");
        await Server.PublishAsync("restricted", "restricted-1", "paid");
        await signed.WaitForEventsAsync(1);
        Assert.Equal("restricted", (await ListedAsync(key)).GetProperty("access").GetString());
    }

    [Fact]
    public async Task Expired_key_loses_its_connections_and_is_valid_again_with_a_later_expiry()
    {
        var (key, secret) = await Server.CreateKeyAsync("expired");
        await using var client = await SignedAsync(key, secret);
        await ChangeAsync("update", key, "--expires", "2s");
        Assert.Equal(1008, await client.WaitForCloseAsync().WaitAsync(CloseTime, Cancelled));
        var error = await client.ExpectErrorAsync("invalid_api_key");
        Assert.Contains("has expired", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        await using var refused = await SeedClient.OpenAsync(Server.WebSocketAddress);
        await refused.SendAsync(SeedClient.Connect(key));
        await refused.ExpectErrorAsync("invalid_api_key");
        var listed = await ListedAsync(key);
        Assert.True(listed.GetProperty("is_expired").GetBoolean());
        Assert.Equal(JsonValueKind.String, listed.GetProperty("expires_at").ValueKind);
        Assert.Equal(JsonValueKind.Null, listed.GetProperty("revoked_at").ValueKind);

        Assert.False(
            (await ChangeAsync("update", key, "--expires", "never")).Json.GetProperty("is_expired").GetBoolean());
        // A server knows the change when its cached lookup is one second old.
        await UntilAsync(async () =>
        {
            await using var again = await SeedClient.OpenAsync(Server.WebSocketAddress);
            await again.SendAsync(SeedClient.Connect(key));
            await again.WaitForAsync(messages => messages.Count > 0, "an answer");
            return again.Received[0].GetProperty("type").GetString() == "connected";
        });
    }

    [Fact]
    public async Task Created_key_has_its_access_mode_and_expiry()
    {
        var created = await ChangeAsync(
            "create", "--organization", "chosen", "--access", "restricted", "--expires", "2100-01-31");
        var key = created.Json.GetProperty("api_key").GetString()!;
        var expiry = new DateTime(2100, 1, 31, 0, 0, 0, DateTimeKind.Utc);
        foreach (var json in new[] { created.Json, await ListedAsync(key) })
        {
            Assert.Equal("restricted", json.GetProperty("access").GetString());
            Assert.Equal(expiry, json.GetProperty("expires_at").GetDateTime());
        }

        Assert.Contains("[1610]", created.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(
            created.Json.GetProperty("api_secret").GetString()!, created.Error, StringComparison.Ordinal);
        Assert.Equal([1], SecretsOf(await ListedAsync(key)));
    }

    [Fact]
    public async Task Last_use_of_a_key_is_listed()
    {
        var (key, _) = await Server.CreateKeyAsync("used");
        Assert.Equal(JsonValueKind.Null, (await ListedAsync(key)).GetProperty("last_used_at").ValueKind);
        var before = DateTime.UtcNow.AddMinutes(-1);
        await using var client = await SeedClient.ConnectAsync(Server.WebSocketAddress, key);
        await UntilAsync(
            async () => (await ListedAsync(key)).GetProperty("last_used_at").ValueKind != JsonValueKind.Null);
        var used = (await ListedAsync(key)).GetProperty("last_used_at").GetDateTime();
        Assert.InRange(used, before, DateTime.UtcNow);
        Assert.Equal((0, 0), (used.Second, used.Millisecond));
    }

    [Fact]
    public async Task Unknown_or_revoked_key_is_refused_in_one_line()
    {
        var (key, _) = await Server.CreateKeyAsync("gone");
        await Server.RunAsync("keys", "revoke", key);
        foreach (string[] change in (string[][])[["rotate"], ["rotate", "--finish"], ["update", "--expires", "never"]])
        {
            await Failing.WithOneLineAsync(
                Server.RunAsync(["keys", change[0], "no-such-key", .. change[1..]]), "no-such-key");
            await Failing.WithOneLineAsync(
                Server.RunAsync(["keys", change[0], key, .. change[1..]]), key, "revoked");
        }
    }

    [Theory]
    [InlineData("keys create --organization o --access secret", "--access", "open", "restricted")]
    [InlineData("keys create --organization o --expires soon", "--expires", "2027-01-31", "90d")]
    [InlineData("keys create --organization o --expires 2020-01-31", "--expires", "in the future")]
    [InlineData("keys create --organization o --expires never", "--expires", "90d")]
    [InlineData("keys update k", "--access", "--expires")]
    [InlineData("keys rotate k --finish --cancel", "--finish", "--cancel")]
    public Task Wrong_option_is_named(string call, params string[] words) =>
        Failing.WithUsageAsync(Server.RunAsync(call.Split(' ')), words);

    private async Task<SeedClient> SignedAsync(string key, string secret)
    {
        var client = await SeedClient.ConnectAsync(Server.WebSocketAddress, key, SeedClient.Sign(key, secret));
        await client.SubscribeAsync();
        return client;
    }

    /// <summary>Runs a <c>keys</c> command that succeeds. Returns its JSON and its stderr.</summary>
    private async Task<(JsonElement Json, string Error)> ChangeAsync(params string[] args)
    {
        var result = await Server.RunAsync(["keys", .. args]);
        Assert.True(result.ExitCode == 0, result.ToString());
        return (JsonSerializer.Deserialize<JsonElement>(result.Output), result.Error);
    }

    private async Task<JsonElement> ListedAsync(string key) =>
        (await Server.RunAsync("keys", "list")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line))
            .Single(line => line.GetProperty("api_key").GetString() == key);

    private static IEnumerable<int> SecretsOf(JsonElement key) =>
        key.GetProperty("secrets").EnumerateArray().Select(secret => secret.GetProperty("id").GetInt32());

    /// <summary>Repeats a check until it succeeds, at most for a minute.</summary>
    private static async Task UntilAsync(Func<Task<bool>> check)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!await check())
        {
            Assert.False(timeout.IsCancellationRequested, "The change did not take effect.");
            await Task.Delay(200, Cancelled);
        }
    }
}
