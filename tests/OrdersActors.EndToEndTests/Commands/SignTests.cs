using System.Globalization;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Commands;

/// <summary><c>sign</c> prints a signature that <c>connect</c> accepts.</summary>
public sealed class SignTests(QuickKeysServer running) : IClassFixture<QuickKeysServer>
{
    private ServerProcess Server => running.Server;

    [Fact]
    public async Task Signature_opens_the_whole_organization()
    {
        var signature = await Server.SignAsync("demo-key", "demo-secret");
        await using var client = await SeedClient.ConnectAsync(Server.WebSocketAddress, "demo-key", signature);
        await client.SubscribeAsync();
        await Server.PublishAsync("demo", "signed-1", "created");
        await client.WaitForEventsAsync(1);
        Assert.Equal("signed-1", client.Events[0].GetProperty("order_id").GetString());
        Assert.True(client.Events[0].GetProperty("sequence").GetInt64() > 0);
    }

    [Fact]
    public async Task Signature_of_a_created_key_opens_its_organization()
    {
        var (key, secret) = await Server.CreateKeyAsync("signing");
        await using var client = await SeedClient.ConnectAsync(
            Server.WebSocketAddress, key, await Server.SignAsync(key, secret));
        await client.SubscribeAsync();
    }

    [Fact]
    public async Task Timestamp_can_be_given()
    {
        Assert.Equal(
            SeedClient.Sign("some-key", "whsec_test", DateTimeOffset.FromUnixTimeSeconds(1_700_000_000)),
            await Server.SignAsync("some-key", "whsec_test", "--timestamp", "1700000000"));
    }

    [Fact]
    public async Task Secret_can_come_from_standard_input()
    {
        var result = await Server.RunAsync(
            "demo-secret\n", ["sign", "--api-key", "demo-key", "--api-secret", "-", "--timestamp", "1700000000"]);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Empty(result.Error);
        Assert.Equal(
            SeedClient.Sign("demo-key", "demo-secret", DateTimeOffset.FromUnixTimeSeconds(1_700_000_000)),
            result.Output.Trim());
    }

    [Fact]
    public async Task Secret_can_come_from_the_environment()
    {
        await using var other = ServerProcess.Create(
            new ServerSettings { Variables = { ["ORDERS_ACTORS_API_SECRET"] = "demo-secret" } });
        var result = await other.RunAsync("sign", "--api-key", "demo-key", "--timestamp", "1700000000");
        Assert.Equal(
            await Server.SignAsync("demo-key", "demo-secret", "--timestamp", "1700000000"), result.Output.Trim());
    }

    [Fact]
    public async Task Unusual_secret_causes_a_warning_and_a_key_instead_of_a_secret_is_refused()
    {
        var doubted = await Server.RunAsync("sign", "--api-key", "demo-key", "--api-secret", "hunter2");
        Assert.Equal(0, doubted.ExitCode);
        Assert.StartsWith("warning: ", doubted.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", doubted.Output + doubted.Error, StringComparison.Ordinal);
        await Failing.WithOneLineAsync(
            Server.RunAsync("sign", "--api-key", "oas_x", "--api-secret", "oak_x"), "swapped");
        await Failing.WithOneLineAsync(
            Server.RunAsync("", ["sign", "--api-key", "k", "--api-secret", "-"]), "standard input");
    }

    [Theory]
    [InlineData(-3600)]
    [InlineData(3600)]
    public async Task Timestamp_outside_of_the_window_has_expired(int seconds)
    {
        var timestamp = DateTimeOffset.UtcNow.AddSeconds(seconds).ToUnixTimeSeconds()
            .ToString(CultureInfo.InvariantCulture);
        await using var client = await SeedClient.OpenAsync(Server.WebSocketAddress);
        await client.SendAsync(SeedClient.Connect(
            "demo-key", await Server.SignAsync("demo-key", "demo-secret", "--timestamp", timestamp)));
        await client.ExpectErrorAsync("signature_expired");
    }

    [Theory]
    [InlineData("sign --api-key k", "--api-secret")]
    [InlineData("sign --api-secret s", "--api-key")]
    [InlineData("sign --api-key k --api-secret", "--api-secret")]
    [InlineData("sign --api-key k --api-secret s --timestamp soon", "--timestamp")]
    [InlineData("sign --api-key k --api-secret s --timestamp 99999999999999", "--timestamp")]
    [InlineData("sign --api-key k --api-secret s --timestamp=-1", "--timestamp")]
    public Task Missing_or_wrong_argument_is_named(string args, string named) =>
        Failing.WithUsageAsync(Server.RunAsync(args.Split(' ')), named);
}
