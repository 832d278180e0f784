using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Grains.Authentication;
using OrdersActors.Storage;
using OrdersActors.TestServer;

namespace OrdersActors.Tests.Grains.Authentication;

public sealed class TokenVerifierTests
{
    private const string Secret = "oas_0123456789012345678901234567890123456789012";
    private const long Now = 1_700_000_000;
    private const long Hour = 3600;

    private static readonly string[] OneOrder = ["o"];

    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(Now));
    private readonly TokenVerifier _verifier;

    public TokenVerifierTests() => _verifier = new TokenVerifier(TimeSpan.FromHours(24), _time);

    [Fact]
    public async Task Token_for_orders_allows_these_orders_until_it_expires()
    {
        var verdict = await VerifyAsync($$"""{"sub":"customer-7","orders":["o-1","ö/2"],"exp":{{Now + Hour}}}""");
        Assert.Equal(AuthenticationOutcome.Authenticated, verdict.Outcome);
        Assert.Equal(1, verdict.SecretId);
        Assert.Equal(["o-1", "ö/2"], verdict.Grant!.Orders);
        Assert.False(verdict.Grant.IsOrganization);
        Assert.Equal("customer-7", verdict.Grant.Subject);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(Now + Hour), verdict.Grant.ExpiresAt);
    }

    [Fact]
    public async Task Token_for_the_organization_allows_the_organization()
    {
        var grant = (await VerifyAsync($$"""{"scope":"organization","exp":{{Now + Hour}}}""")).Grant!;
        Assert.True(grant.IsOrganization);
        Assert.Empty(grant.Orders);
        Assert.Null(grant.Subject);
    }

    [Theory]
    [InlineData("""{"orders":[],"exp":1700000001}""")]
    [InlineData("""{"orders":["o"],"scope":null,"sub":null,"exp":1700003600}""")]
    [InlineData("""{"orders":["o"],"sub":"","exp":1700003600.75}""")]
    [InlineData("""{"orders":["o"],"nbf":1700000060,"iat":1700000060.0,"exp":1700003600}""")]
    [InlineData("""{"orders":["o"],"nbf":-1,"iat":0,"exp":1700003600,"aud":"x","iss":"y","jti":"z","more":[1]}""")]
    [InlineData("""{"orders":["o"],"exp":1700086460}""")]
    public async Task Claims_at_their_bounds_and_unknown_claims_are_accepted(string claims) =>
        Assert.Equal(AuthenticationOutcome.Authenticated, (await VerifyAsync(claims)).Outcome);

    [Theory]
    [InlineData("""{"orders":["o"]}""", TokenFault.NoExpiry)]
    [InlineData("""{"orders":["o"],"exp":null}""", TokenFault.NoExpiry)]
    [InlineData("""{"orders":["o"],"exp":"1700003600"}""", TokenFault.NoExpiry)]
    [InlineData("""{"orders":["o"],"exp":"soon"}""", TokenFault.NoExpiry)]
    [InlineData("""{"orders":["o"],"exp":{}}""", TokenFault.NoExpiry)]
    [InlineData("""{"orders":["o"],"exp":1700086461}""", TokenFault.ExpiryTooFar)]
    [InlineData("""{"orders":["o"],"exp":1700003600000}""", TokenFault.ExpiryTooFar)]
    [InlineData("""{"orders":["o"],"exp":9223372036854775807}""", TokenFault.ExpiryTooFar)]
    [InlineData("""{"orders":["o"],"exp":1700003600,"nbf":1700000061}""", TokenFault.NotYetValid)]
    [InlineData("""{"orders":["o"],"exp":1700003600,"iat":1700000061}""", TokenFault.NotYetValid)]
    [InlineData("""{"orders":["o"],"exp":1700003600,"iat":"now"}""", TokenFault.InvalidClaim)]
    [InlineData("""{"orders":["o"],"exp":1700003600,"nbf":true}""", TokenFault.InvalidClaim)]
    [InlineData("""{"orders":["o"],"exp":1700003600,"nbf":null}""", TokenFault.InvalidClaim)]
    [InlineData("""{"orders":["o"],"exp":1700003600,"iss":{}}""", TokenFault.InvalidClaim)]
    [InlineData("""{"orders":["o"],"exp":1700003600,"sub":7}""", TokenFault.InvalidClaim)]
    [InlineData("""{"orders":["o"],"exp":1700003600,"sub":"a\nb"}""", TokenFault.InvalidClaim)]
    [InlineData("""{"orders":"o","exp":1700003600}""", TokenFault.InvalidClaim)]
    [InlineData("""{"orders":["o",7],"exp":1700003600}""", TokenFault.InvalidClaim)]
    [InlineData("""{"orders":["o",""],"exp":1700003600}""", TokenFault.InvalidClaim)]
    [InlineData("""{"orders":["\ud800"],"exp":1700003600}""", TokenFault.InvalidClaim)]
    [InlineData("""{"orders":[null],"exp":1700003600}""", TokenFault.InvalidClaim)]
    [InlineData("""{"scope":"orders","exp":1700003600}""", TokenFault.InvalidClaim)]
    [InlineData("""{"scope":["organization"],"exp":1700003600}""", TokenFault.InvalidClaim)]
    [InlineData("""{"exp":1700003600}""", TokenFault.NoScope)]
    [InlineData("""{"orders":null,"scope":null,"exp":1700003600}""", TokenFault.NoScope)]
    [InlineData("""{"orders":["o"],"scope":"organization","exp":1700003600}""", TokenFault.NoScope)]
    [InlineData("""{"orders":["o"],"exp":1700003600,"exp":1700003600}""", TokenFault.Malformed)]
    [InlineData("""{"orders":["o"],"orders":["p"],"exp":1700003600}""", TokenFault.Malformed)]
    [InlineData("""["o"]""", TokenFault.Malformed)]
    [InlineData("not JSON", TokenFault.Malformed)]
    public async Task Wrong_claim_is_reported_with_its_fault(string claims, TokenFault fault) =>
        Assert.Equal(TokenVerdict.Invalid(fault), await VerifyAsync(claims));

    [Theory]
    [InlineData(500, TokenFault.None)]
    [InlineData(501, TokenFault.TooManyOrders)]
    public async Task Token_names_at_most_500_orders(int count, TokenFault fault)
    {
        var orders = Enumerable.Range(0, count).Select(i => i.ToString(CultureInfo.InvariantCulture));
        var claims = JsonSerializer.Serialize(new { orders, exp = Now + Hour });
        Assert.Equal(fault, (await VerifyAsync(claims)).Fault);
    }

    [Theory]
    [InlineData(129, TokenFault.InvalidClaim)]
    [InlineData(128, TokenFault.None)]
    public async Task Order_ids_and_the_subject_have_at_most_128_characters(int length, TokenFault fault)
    {
        var text = string.Concat(Enumerable.Repeat("😀", length));
        Assert.Equal(fault, (await VerifyAsync(
            JsonSerializer.Serialize(new { orders = new[] { text }, exp = Now + Hour }))).Fault);
        Assert.Equal(fault, (await VerifyAsync(
            JsonSerializer.Serialize(new { sub = text, orders = OneOrder, exp = Now + Hour }))).Fault);
    }

    [Fact]
    public async Task Token_expires_at_exp_without_leeway()
    {
        var claims = $$"""{"orders":["o"],"exp":{{Now + 10}}}""";
        _time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Equal(AuthenticationOutcome.Authenticated, (await VerifyAsync(claims)).Outcome);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(TokenVerdict.Expired, await VerifyAsync(claims));
    }

    [Theory]
    [InlineData("""{"exp":"soon"}""")]
    [InlineData("""{"orders":["o"],"exp":1}""")]
    [InlineData("""{"orders":["o"],"exp":1700003600}""")]
    [InlineData("""{"orders":7,"scope":8,"exp":1700003600}""")]
    public async Task Another_secret_never_learns_whether_the_claims_are_right(string claims)
    {
        var verdict = await VerifyAsync(claims, Secret + "x");
        Assert.Contains(verdict.Fault, (TokenFault[])[TokenFault.WrongSignature, TokenFault.NoExpiry]);
        Assert.NotEqual(AuthenticationOutcome.TokenExpired, verdict.Outcome);
    }

    [Fact]
    public async Task Changed_token_is_refused()
    {
        var token = TestToken.ForOrders(Secret, ["o"], _time.GetUtcNow().AddHours(1));
        var other = TestToken.ForOrders(Secret, ["p"], _time.GetUtcNow().AddHours(1));
        var parts = token.Split('.');
        string[] bad =
        [
            $"{parts[0]}.{other.Split('.')[1]}.{parts[2]}", $"{parts[0]}.{parts[1]}.", token[..^1], token[..^4],
            $"{parts[0]}.{parts[1]}.{parts[2]}AAAA",
        ];
        foreach (var text in bad)
        {
            Assert.Equal(
                TokenVerdict.Invalid(TokenFault.WrongSignature),
                await _verifier.VerifyAsync(ClientToken.Parse(text, out _)!, Secrets(Secret)));
        }
    }

    [Theory]
    [InlineData("demo-secret")]
    [InlineData("é")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    [InlineData("01234567890123456789012345678901234567890123456789012345678901234567890123456789")]
    public async Task Secret_of_any_length_verifies_what_plain_hmac_signs(string secret)
    {
        var claims = $$"""{"orders":["o"],"exp":{{Now + Hour}}}""";
        var token = ClientToken.Parse(TestToken.Create(secret, claims), out _)!;
        Assert.NotNull((await _verifier.VerifyAsync(token, Secrets(secret))).Grant);
        Assert.Null((await _verifier.VerifyAsync(token, Secrets(secret + "1"))).Grant);
    }

    [Fact]
    public async Task Each_live_secret_of_a_key_verifies_its_tokens()
    {
        ApiKeySecret[] secrets = [new(2, "new"), new(1, "old")];
        var claims = $$"""{"orders":["o"],"exp":{{Now + Hour}}}""";
        foreach (var secret in secrets)
        {
            var token = ClientToken.Parse(TestToken.Create(secret.Value, claims), out _)!;
            Assert.Equal(secret.Id, (await _verifier.VerifyAsync(token, secrets)).SecretId);
        }
    }

    [Fact]
    public async Task Signer_makes_tokens_that_are_verified()
    {
        foreach (var grant in (TokenGrant[])
            [
                new(["o-1", "a\"b"], false, DateTimeOffset.FromUnixTimeSeconds(Now + Hour), "customer"),
                new([], true, DateTimeOffset.FromUnixTimeSeconds(Now + Hour)),
            ])
        {
            var token = ClientToken.Parse(TokenSigner.Create("key", Secret, grant, _time.GetUtcNow()), out _)!;
            Assert.Equal("key", token.KeyId);
            var read = (await _verifier.VerifyAsync(token, Secrets(Secret))).Grant!;
            Assert.Equal(grant.Orders, read.Orders);
            Assert.Equal(grant with { Orders = read.Orders }, read);
        }
    }

    private static ApiKeySecret[] Secrets(string secret) => [new ApiKeySecret(1, secret)];

    private Task<TokenVerdict> VerifyAsync(string claims, string signedWith = Secret) => _verifier.VerifyAsync(
        ClientToken.Parse(TestToken.Create(signedWith, claims), out _)!, Secrets(Secret));
}
