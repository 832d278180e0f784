using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Sessions.Authentication;
using OrdersActors.Grains.Authentication;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Sessions.Authentication;

/// <summary>The error for a refused signature names the part that is wrong.</summary>
public sealed class AuthenticatorTests(OrderCluster cluster) : IClassFixture<OrderCluster>
{
    [Theory]
    [InlineData("APIKey={key},signature={hex},timestamp={ms}", "timestamp must be Unix time in seconds")]
    [InlineData("APIKey={key},signature={base64},timestamp={s}", "signature must be 64 hex digits, but it is base64")]
    [InlineData("APIKey={key},signature={hex}0,timestamp={s}", "64 hex digits")]
    [InlineData("APIKey=another,signature={hex},timestamp={s}", "its APIKey is not the api_key of this connect")]
    [InlineData("APIKey={key},signature={wrong},timestamp={s}", "its HMAC does not match")]
    [InlineData("APIKey={key},signature={hex},timestamp={s},more=1", "not one of the three fields")]
    [InlineData("APIKey={key},timestamp={s}", "signature is missing")]
    [InlineData("APIKey={key},signature={hex}", "timestamp is missing")]
    [InlineData("signature={hex},timestamp={s}", "APIKey is missing")]
    [InlineData("APIKey={key},APIKey={key},signature={hex},timestamp={s}", "given twice")]
    [InlineData("APIKey={key},signature={hex},timestamp=soon", "whole seconds")]
    public async Task Invalid_signature_error_names_the_wrong_part(string text, string expected)
    {
        var key = await cluster.Keys.CreateAsync("shop", TestContext.Current.CancellationToken);
        var now = DateTimeOffset.UtcNow;
        var good = AuthorizationSignature.Create(key.Key, key.Secret, now);
        var hex = good.Split(',')[1]["signature=".Length..];
        var signature = text
            .Replace("{key}", key.Key, StringComparison.Ordinal)
            .Replace("{hex}", hex, StringComparison.Ordinal)
            .Replace("{base64}", Convert.ToBase64String(Convert.FromHexString(hex)), StringComparison.Ordinal)
            .Replace(
                "{wrong}", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("no HMAC"))),
                StringComparison.Ordinal)
            .Replace("{s}", $"{now.ToUnixTimeSeconds()}", StringComparison.Ordinal)
            .Replace("{ms}", $"{now.ToUnixTimeMilliseconds()}", StringComparison.Ordinal);
        var authenticator = new Authenticator(cluster.Grains, NullLogger<Authenticator>.Instance);
        var e = await Assert.ThrowsAsync<RequestException>(
            () => authenticator.ConnectAsync(null, Connect(key.Key, signature)));
        Assert.Equal("invalid_signature", e.Code.Code);
        Assert.StartsWith("invalid authorization_signature: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(key.Secret, e.Message, StringComparison.Ordinal);
        Assert.True((await authenticator.ConnectAsync(null, Connect(key.Key, good))).IsSigned);
    }

    [Fact]
    public void Unknown_fault_is_described_by_the_expected_format()
    {
        Assert.Contains("expected APIKey=", SignatureFaults.Describe(SignatureFault.None), StringComparison.Ordinal);
        Assert.Contains("expected APIKey=", SignatureFaults.Describe((SignatureFault)999), StringComparison.Ordinal);
    }

    private static ClientMessage Connect(string key, string signature) => new()
    {
        Type = ClientMessageType.Connect,
        TypeText = "connect",
        ApiKey = key,
        AuthorizationSignature = signature,
    };
}
