using System.Text.Json;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Commands;

/// <summary><c>keys</c> works beside a running server and without one.</summary>
public sealed class KeysTests(RunningServer running) : IClassFixture<RunningServer>
{
    private ServerProcess Server => running.Server;

    [Fact]
    public async Task A_created_key_connects_at_once()
    {
        var (key, secret) = await Server.CreateKeyAsync("at-once");
        await using var client = await SeedClient.ConnectAsync(Server.WebSocketAddress, key, SeedClient.Sign(key, secret));
        await client.SubscribeAsync();
        await Server.PublishAsync("at-once", "at-once-1", "created");
        await client.WaitForEventsAsync(1);
    }

    [Fact]
    public async Task Keys_made_before_any_server_ran_work_in_the_first()
    {
        await using var server = ServerProcess.Create(new ServerSettings { Environment = "Production" });
        Assert.Equal(0, (await server.RunAsync("keys", "list")).ExitCode);
        var (key, _) = await server.CreateKeyAsync("early");
        var (revoked, _) = await server.CreateKeyAsync("early");
        Assert.Equal(0, (await server.RunAsync("keys", "revoke", revoked)).ExitCode);

        await server.StartAgainAsync();

        await using var client = await SeedClient.ConnectAsync(server.WebSocketAddress, key);
        await IsRefusedAsync(server, revoked);
    }

    [Fact]
    public async Task Listed_are_the_keys_of_one_organization_or_all_and_never_a_secret()
    {
        var (first, firstSecret) = await Server.CreateKeyAsync("listed");
        var (second, secondSecret) = await Server.CreateKeyAsync("listed");
        var (other, otherSecret) = await Server.CreateKeyAsync("not-listed");
        await Server.RunAsync("keys", "revoke", second);

        var one = await Server.RunAsync("keys", "list", "--organization", "listed");
        var all = await Server.RunAsync("keys", "list");

        var rows = Parse(one.Output);
        Assert.Equal([first, second], rows.Select(row => row.GetProperty("api_key").GetString()));
        Assert.All(rows, row => Assert.Equal("listed", row.GetProperty("organization_id").GetString()));
        Assert.All(rows, row => Assert.Equal(DateTimeKind.Utc, row.GetProperty("created_at").GetDateTime().Kind));
        Assert.Equal(JsonValueKind.Null, rows[0].GetProperty("revoked_at").ValueKind);
        Assert.Equal(JsonValueKind.String, rows[1].GetProperty("revoked_at").ValueKind);
        Assert.Contains(other, Parse(all.Output).Select(row => row.GetProperty("api_key").GetString()));
        foreach (var secret in new[] { firstSecret, secondSecret, otherSecret })
        {
            Assert.True(secret.Length >= 32, "A secret is too short to be one.");
            Assert.DoesNotContain(secret, one.Output + all.Output + one.Error + all.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_revoked_keys_live_connections_end_and_it_connects_no_more()
    {
        var (key, secret) = await Server.CreateKeyAsync("revoked");
        var (kept, _) = await Server.CreateKeyAsync("revoked");
        await Server.PublishAsync("revoked", "revoked-1", "created");
        await using var client = await SeedClient.ConnectAsync(Server.WebSocketAddress, key, SeedClient.Sign(key, secret));
        await client.SubscribeAsync();
        await using var other = await SeedClient.ConnectAsync(Server.WebSocketAddress, kept);
        await other.SubscribeAsync("revoked-1");

        var revoke = await Server.RunAsync("keys", "revoke", key);

        Assert.Equal(0, revoke.ExitCode);
        Assert.Equal(1008, await client.WaitForCloseAsync().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        await client.ExpectErrorAsync("invalid_api_key");
        await IsRefusedAsync(Server, key);
        await Server.PublishAsync("revoked", "revoked-1", "paid");
        await other.WaitForEventsAsync(1);
        // Revoking is idempotent.
        Assert.Equal(0, (await Server.RunAsync("keys", "revoke", key)).ExitCode);
    }

    [Fact]
    public Task Revoking_an_unknown_key_names_it() =>
        Failing.WithOneLineAsync(Server.RunAsync("keys", "revoke", "no-such-key"), "no-such-key");

    [Theory]
    [InlineData("")]
    [InlineData("two\nlines")]
    [InlineData("a name that is far too long for an organization, because it has more than sixty-four characters")]
    public async Task An_organization_that_cannot_be_is_refused(string organization)
    {
        await Failing.WithOneLineAsync(Server.RunAsync("keys", "create", "--organization", organization), "organization_id");
        Assert.DoesNotContain(
            organization.Length == 0 ? "\"organization_id\":\"\"" : organization,
            (await Server.RunAsync("keys", "list")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_directory_that_cannot_be_used_is_named()
    {
        using var file = new TempFile("not a folder");
        await using var server = ServerProcess.Create(new ServerSettings { DataDirectory = file.Path });
        await Failing.WithOneLineAsync(server.RunAsync("keys", "list"), file.Path);
        await Failing.WithOneLineAsync(server.RunAsync("keys", "create", "--organization", "o"), file.Path);
    }

    [Fact]
    public async Task Secrets_and_keys_are_neither_logged_nor_stored_in_clear()
    {
        // Everything that the server and its libraries would ever log.
        await using var server = await ServerProcess.StartAsync(new ServerSettings
        {
            Variables = { ["Logging__LogLevel__Default"] = "Debug", ["Logging__LogLevel__OrdersActors"] = "Trace" },
        });
        var (key, secret) = await server.CreateKeyAsync("secretive");
        var signature = SeedClient.Sign(key, secret);
        await using var client = await SeedClient.ConnectAsync(server.WebSocketAddress, key, signature);
        await client.SubscribeAsync();
        await using var refused = await SeedClient.OpenAsync(server.WebSocketAddress);
        await refused.SendAsync(SeedClient.Connect(key, SeedClient.Sign(key, secret + "x")));
        await refused.ExpectErrorAsync("invalid_signature");
        await server.StopAsync();

        Assert.DoesNotContain(secret, server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(signature, server.Output, StringComparison.Ordinal);
        foreach (var file in Directory.EnumerateFiles(server.DataDirectory, "*", SearchOption.AllDirectories))
        {
            var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
            Assert.True(bytes.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(secret)) < 0, file);
        }
    }

    private static async Task IsRefusedAsync(ServerProcess server, string key)
    {
        await using var client = await SeedClient.OpenAsync(server.WebSocketAddress);
        await client.SendAsync(SeedClient.Connect(key));
        await client.ExpectErrorAsync("invalid_api_key");
    }

    private static JsonElement[] Parse(string lines) =>
    [
        .. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line)),
    ];
}
