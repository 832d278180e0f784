using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Commands;

/// <summary><c>token</c> prints a token that <c>connect</c> accepts.</summary>
public sealed class TokenCommandTests(QuickKeysServer running) : IClassFixture<QuickKeysServer>
{
    private ServerProcess Server => running.Server;

    [Fact]
    public async Task Token_for_orders_opens_these_orders()
    {
        var token = await PrintAsync("--order", "t-1", "--order", "t-2", "--customer", "c-7", "--lifetime", "90s");
        await using var client = await ConnectAsync("demo-key", token);
        await client.SubscribeAsync("t-1");
        await client.SubscribeAsync("t-2");
        await client.SendAsync(SeedClient.Subscription("subscribe", "t-3"));
        await client.ExpectErrorAsync("access_denied");
        await client.SendAsync(SeedClient.Subscription("subscribe"));
        await client.ExpectErrorAsync("access_denied", 2);
        var end = client.Received[0].GetProperty("data").GetProperty("expires_at").GetDateTimeOffset();
        Assert.InRange(end, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddSeconds(90));
    }

    [Fact]
    public async Task Token_for_the_organization_opens_it()
    {
        await using var client = await ConnectAsync("demo-key", await PrintAsync("--organization-wide"));
        await client.SubscribeAsync();
    }

    [Fact]
    public async Task Secret_of_a_created_key_can_come_from_standard_input_or_the_environment()
    {
        var (key, secret) = await Server.CreateKeyAsync("tokens");
        var typed = await Server.RunAsync(
            secret + "\n", ["token", "--api-key", key, "--api-secret", "-", "--order", "t-1"]);
        await using var other = ServerProcess.Create(
            new ServerSettings { Variables = { ["ORDERS_ACTORS_API_SECRET"] = secret } });
        var fromEnvironment = await other.RunAsync("token", "--api-key", key, "--order", "t-1");
        foreach (var result in (CommandResult[])[typed, fromEnvironment])
        {
            Assert.True(result.ExitCode == 0, result.ToString());
            Assert.Empty(result.Error);
            await using var client = await ConnectAsync(key, result.Output.Trim());
            await client.SubscribeAsync("t-1");
        }
    }

    [Fact]
    public async Task Long_lifetime_causes_a_warning_and_a_key_instead_of_a_secret_is_refused()
    {
        var lasting = await Server.RunAsync(
            "token", "--api-key", "demo-key", "--api-secret", "demo-secret", "--order", "o", "--lifetime", "2d");
        Assert.Equal(0, lasting.ExitCode);
        Assert.Contains("MaxTokenLifetime", lasting.Error, StringComparison.Ordinal);
        await Failing.WithOneLineAsync(
            Server.RunAsync("token", "--api-key", "oas_x", "--api-secret", "oak_x", "--order", "o"), "swapped");
    }

    [Theory]
    [InlineData("token --api-key k --order o", "--api-secret")]
    [InlineData("token --api-secret s --order o", "--api-key")]
    [InlineData("token --api-key k --api-secret s", "--order")]
    [InlineData("token --api-key k --api-secret s --order o --organization-wide", "not both")]
    [InlineData("token --api-key k --api-secret s --order o --lifetime soon", "--lifetime")]
    [InlineData("token --api-key k --api-secret s --order o --lifetime 0s", "--lifetime")]
    [InlineData("token --api-key k --api-secret s --order o --lifetime 32d", "--lifetime")]
    [InlineData("token --api-key k --api-secret s --order=", "--order")]
    [InlineData("token --api-key k --api-secret s --order o --customer=", "--customer")]
    public Task Missing_or_wrong_argument_is_named(string args, string named) =>
        Failing.WithUsageAsync(Server.RunAsync(args.Split(' ')), named);

    private async Task<string> PrintAsync(params string[] more)
    {
        var result = await Server.RunAsync(
            ["token", "--api-key", "demo-key", "--api-secret", "demo-secret", .. more]);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Output.Trim();
    }

    private async Task<SeedClient> ConnectAsync(string key, string token)
    {
        var client = await SeedClient.OpenAsync(Server.WebSocketAddress);
        await client.SendAsync(TestToken.Connect(key, token));
        await client.WaitForAsync(messages => messages.Count > 0, "an answer to the connect");
        Assert.Equal("connected", client.Received[0].GetProperty("type").GetString());
        return client;
    }
}
