using System.Text.Json;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Commands;

/// <summary><c>keys</c> works while a server runs and without one.</summary>
public sealed class KeysTests(QuickKeysServer running) : IClassFixture<QuickKeysServer>
{
    private ServerProcess Server => running.Server;

    [Fact]
    public async Task Created_key_connects_at_once()
    {
        var (key, secret) = await Server.CreateKeyAsync("at-once");
        await using var client = await SeedClient.ConnectAsync(
            Server.WebSocketAddress, key, SeedClient.Sign(key, secret));
        await client.SubscribeAsync();
        await Server.PublishAsync("at-once", "at-once-1", "created");
        await client.WaitForEventsAsync(1);
    }

    [Fact]
    public async Task Keys_created_before_any_server_ran_work_in_the_first_server()
    {
        await using var server = ServerProcess.Create(new ServerSettings { Environment = "Production" });
        await Failing.WithOneLineAsync(
            server.RunAsync("keys", "list"), server.DataDirectory, "--config", "DataDirectory");
        Assert.False(Directory.Exists(server.DataDirectory));
        var first = await server.RunAsync("keys", "create", "--organization", "early");
        Assert.Equal($"created database {Path.Combine(server.DataDirectory, "orders.db")}", first.Error.Split(',')[0]);
        var key = Parse(first.Output)[0].GetProperty("api_key").GetString()!;
        var (revoked, _) = await server.CreateKeyAsync("early");
        Assert.Equal(0, (await server.RunAsync("keys", "revoke", revoked)).ExitCode);

        await server.StartAgainAsync();

        await using var client = await SeedClient.ConnectAsync(server.WebSocketAddress, key);
        await IsRefusedAsync(server, revoked);
    }

    [Fact]
    public async Task List_shows_the_keys_of_one_organization_or_all_and_never_a_secret()
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
            Assert.True(secret.Length >= 32, "A secret is too short.");
            Assert.DoesNotContain(secret, one.Output + all.Output + one.Error + all.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Revoked_key_loses_its_connections_and_cannot_connect_again()
    {
        var (key, secret) = await Server.CreateKeyAsync("revoked");
        var (kept, _) = await Server.CreateKeyAsync("revoked");
        await Server.PublishAsync("revoked", "revoked-1", "created");
        await using var client = await SeedClient.ConnectAsync(
            Server.WebSocketAddress, key, SeedClient.Sign(key, secret));
        await client.SubscribeAsync();
        await using var other = await SeedClient.ConnectAsync(Server.WebSocketAddress, kept);
        await other.SubscribeAsync("revoked-1");

        var revoke = await Server.RunAsync("keys", "revoke", key);

        Assert.Equal(0, revoke.ExitCode);
        var done = Parse(revoke.Output)[0];
        Assert.Equal(
            ("revoked", key, false, 2),
            (done.GetProperty("organization_id").GetString(), done.GetProperty("api_key").GetString(),
                done.GetProperty("was_revoked").GetBoolean(),
                done.GetProperty("connections_close_within_seconds").GetInt32()));
        Assert.Equal(1008, await client.WaitForCloseAsync()
            .WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        await client.ExpectErrorAsync("invalid_api_key");
        await IsRefusedAsync(Server, key);
        await Server.PublishAsync("revoked", "revoked-1", "paid");
        await other.WaitForEventsAsync(1);
        var again = Parse((await Server.RunAsync("keys", "revoke", key)).Output)[0];
        Assert.True(again.GetProperty("was_revoked").GetBoolean());
        Assert.Equal(done.GetProperty("revoked_at").GetDateTime(), again.GetProperty("revoked_at").GetDateTime());
    }

    [Fact]
    public Task Revoke_of_an_unknown_key_names_the_key() =>
        Failing.WithOneLineAsync(Server.RunAsync("keys", "revoke", "no-such-key"), "no-such-key");

    [Theory]
    [InlineData("")]
    [InlineData("two\nlines")]
    [InlineData("a name that is far too long for an organization, because it has more than sixty-four characters")]
    public async Task Invalid_organization_is_refused(string organization)
    {
        await Failing.WithOneLineAsync(
            Server.RunAsync("keys", "create", "--organization", organization), "organization_id");
        Assert.DoesNotContain(
            organization.Length == 0 ? "\"organization_id\":\"\"" : organization,
            (await Server.RunAsync("keys", "list")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Database_comes_from_the_configuration_file_or_the_settings_and_is_named()
    {
        var folder = Directory.CreateTempSubdirectory("orders-actors-");
        var (fromFile, typed) = (Path.Combine(folder.FullName, "file"), Path.Combine(folder.FullName, "typed"));
        using var config = new TempFile(
            JsonSerializer.Serialize(new { OrdersActors = new { DataDirectory = fromFile } }));
        // An empty variable is ignored, so the file decides.
        await using var server = ServerProcess.Create(
            new ServerSettings { Variables = { ["OrdersActors__DataDirectory"] = "" } });
        string[] create = ["keys", "create", "--organization", "acme", "--config", config.Path];
        Assert.Contains(fromFile, (await server.RunAsync(create)).Error, StringComparison.Ordinal);
        Assert.Contains(
            typed, (await server.RunAsync([.. create, $"--OrdersActors:DataDirectory={typed}"])).Error,
            StringComparison.Ordinal);
        var list = await server.RunAsync("keys", "list", "--OrdersActors:DataDirectory", typed);
        Assert.Single(Parse(list.Output));
        Assert.Equal($"used database {Path.Combine(typed, "orders.db")}", list.Error.Trim());
        Assert.True(File.Exists(Path.Combine(fromFile, "orders.db")));
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Command_creates_no_database_in_the_default_data_directory()
    {
        var home = Directory.CreateTempSubdirectory("orders-actors-");
        await using var server = ServerProcess.Create(new ServerSettings
        {
            Variables =
                { ["OrdersActors__DataDirectory"] = "", ["HOME"] = home.FullName, ["XDG_DATA_HOME"] = home.FullName },
        });
        await Failing.WithOneLineAsync(
            server.RunAsync("keys", "create", "--organization", "acme"), home.FullName, "--OrdersActors:DataDirectory");
        Assert.Empty(Directory.GetFileSystemEntries(home.FullName));
        home.Delete(recursive: true);
    }

    [Fact]
    public async Task User_who_does_not_own_the_data_directory_is_refused_and_leaves_nothing_in_it()
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && Environment.UserName == "root", "Only root can change the owner of a folder.");
        var folder = Directory.CreateTempSubdirectory("orders-actors-");
        using (var chown = System.Diagnostics.Process.Start("chown", ["65534", folder.FullName]))
        {
            await chown.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await using var server = ServerProcess.Create(new ServerSettings { DataDirectory = folder.FullName });
        await Failing.WithOneLineAsync(
            server.RunAsync("keys", "create", "--organization", "acme"), folder.FullName, "65534");
        await Failing.WithOneLineAsync(server.RunAsync("serve"), folder.FullName, "65534");
        Assert.Empty(Directory.GetFileSystemEntries(folder.FullName));
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Unusable_data_directory_is_named()
    {
        using var file = new TempFile("not a folder");
        await using var server = ServerProcess.Create(new ServerSettings { DataDirectory = file.Path });
        await Failing.WithOneLineAsync(server.RunAsync("keys", "list"), file.Path);
        await Failing.WithOneLineAsync(server.RunAsync("keys", "create", "--organization", "o"), file.Path);
    }

    [Fact]
    public async Task Secrets_and_keys_are_neither_logged_nor_stored_in_clear_text()
    {
        // Enables all log messages of the server and its libraries.
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
        .. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => JsonSerializer.Deserialize<JsonElement>(line)),
    ];
}
