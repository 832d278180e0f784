using System.Globalization;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Commands;

/// <summary><c>sign</c> prints what <c>connect</c> takes.</summary>
public sealed class SignTests(QuickKeysServer running) : IClassFixture<QuickKeysServer>
{
    private ServerProcess Server => running.Server;

    [Fact]
    public async Task A_signature_opens_the_whole_organization()
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
    public async Task A_created_keys_signature_opens_its_organization()
    {
        var (key, secret) = await Server.CreateKeyAsync("signing");
        await using var client = await SeedClient.ConnectAsync(Server.WebSocketAddress, key, await Server.SignAsync(key, secret));
        await client.SubscribeAsync();
    }

    [Fact]
    public async Task A_timestamp_may_be_given()
    {
        Assert.Equal(
            SeedClient.Sign("some-key", "whsec_test", DateTimeOffset.FromUnixTimeSeconds(1_700_000_000)),
            await Server.SignAsync("some-key", "whsec_test", "--timestamp", "1700000000"));
    }

    [Theory]
    [InlineData(-3600)]
    [InlineData(3600)]
    public async Task A_timestamp_outside_of_the_window_has_expired(int seconds)
    {
        var timestamp = DateTimeOffset.UtcNow.AddSeconds(seconds).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
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
    public Task What_is_missing_or_wrong_is_named(string args, string named) =>
        Failing.WithUsageAsync(Server.RunAsync(args.Split(' ')), named);
}
