using System.Text.Json;
using OrdersActors.Grains.Authentication;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Protocol.Vectors;

/// <summary>Proves <c>tokens.json</c> against the code that verifies tokens.</summary>
public sealed class TokenVectorTests
{
    private static readonly JsonElement File = Support.Vectors.Read("tokens.json");

    public static TheoryData<string> Valid => Support.Vectors.Names(File, "valid");

    public static TheoryData<string> Invalid => Support.Vectors.Names(File, "invalid");

    [Fact]
    public void Limits_are_the_defaults()
    {
        Assert.Equal(
            File.Number("max_lifetime_seconds"), (long)new AuthenticationOptions().MaxTokenLifetime.TotalSeconds);
        Assert.Equal(File.Number("leeway_seconds"), (long)TokenVerifier.ClockLeeway.TotalSeconds);
    }

    [Theory]
    [MemberData(nameof(Valid))]
    public async Task Token_is_accepted_with_its_grant(string name)
    {
        var vector = Support.Vectors.Find(File, "valid", name);
        var token = vector.Text("token")!;
        Assert.Equal(token, TestToken.Create(vector.Text("secret")!, vector.Text("claims")!, vector.Text("header")!));
        var result = await VerifyAsync(vector.Text("secret")!, token);
        Assert.Equal(AuthenticationOutcome.Authenticated, result.Outcome);
        var (expected, grant) = (vector.GetProperty("grant"), result.Grant!);
        Assert.Equal(expected.TryGetProperty("scope", out _), grant.IsOrganization);
        Assert.Equal(
            expected.TryGetProperty("orders", out var orders)
                ? orders.EnumerateArray().Select(order => order.GetString())
                : [],
            grant.Orders);
        Assert.Equal(expected.Text("sub"), grant.Subject);
        Assert.Equal(expected.GetProperty("expires_at").GetDateTimeOffset(), grant.ExpiresAt);
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public async Task Wrong_token_gets_its_code_and_fault(string name)
    {
        var vector = Support.Vectors.Find(File, "invalid", name);
        var result = await VerifyAsync(File.Text("secret")!, vector.Text("token")!);
        Assert.Equal(
            (vector.Text("code"), vector.Text("fault")),
            (VectorKeys.NameOf(result.Outcome), VectorKeys.NameOf(result.TokenFault)));
    }

    private static Task<AuthenticationResult> VerifyAsync(string secret, string token) =>
        VectorKeys.CreateGrain(File.Text("api_key")!, secret, File.Number("now")!.Value).AuthenticateClient(
            new ClientCredentials { ApiKey = File.Text("api_key")!, Token = token });
}
