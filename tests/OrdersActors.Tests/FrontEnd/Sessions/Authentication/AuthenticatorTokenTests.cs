using Microsoft.Extensions.Logging.Abstractions;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Sessions.Authentication;
using OrdersActors.Grains.Authentication;
using OrdersActors.Storage;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Sessions.Authentication;

/// <summary>Connects with a token: what each mistake is answered with, and how proofs combine.</summary>
public sealed class AuthenticatorTokenTests(OrderCluster cluster) : IClassFixture<OrderCluster>
{
    private readonly Authenticator _authenticator =
        new(cluster.Grains, NullLogger<Authenticator>.Instance);

    private static long Soon => DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds();

    public static TheoryData<string, string, string> WrongTokens => new()
    {
        { """{"alg":"none"}""", """{"orders":["o"],"exp":{soon}}""", "alg in its header must be HS256" },
        { """{"alg":"RS256"}""", """{"orders":["o"],"exp":{soon}}""", "alg in its header must be HS256" },
        { """{"alg":"HS256","kid":"k"}""", """{"orders":["o"],"exp":{soon}}""", "kid in its header" },
        { """{"alg":"HS256"}""", """{"orders":["o"]}""", "exp is missing" },
        { """{"alg":"HS256"}""", """{"orders":["o"],"exp":{soon}000}""", "is it in milliseconds?" },
        { """{"alg":"HS256"}""", """{"orders":["o"],"exp":{soon},"nbf":{soon}}""", "in the future" },
        { """{"alg":"HS256"}""", """{"orders":["o"],"exp":{soon},"iat":{soon}}""", "in the future" },
        { """{"alg":"HS256"}""", """{"orders":["o"],"scope":"organization","exp":{soon}}""", "either" },
        { """{"alg":"HS256"}""", """{"exp":{soon}}""", "either" },
        { """{"alg":"HS256"}""", """{"scope":"everything","exp":{soon}}""", "scope must be" },
        { """{"alg":"HS256"}""", """{"orders":[{many}],"exp":{soon}}""", "more than 500" },
        { """{"alg":"HS256"}""", """no JSON""", "JSON objects" },
    };

    [Theory]
    [MemberData(nameof(WrongTokens))]
    public async Task Invalid_token_error_names_the_wrong_part(string header, string claims, string expected)
    {
        var key = await NewKeyAsync();
        claims = claims
            .Replace("{soon}", $"{Soon}", StringComparison.Ordinal)
            .Replace("{many}", string.Join(',', Enumerable.Repeat("\"o\"", 501)), StringComparison.Ordinal);
        await RefusesAsync(key, TestToken.Create(key.Secret, claims, header), "invalid_token", expected);
    }

    [Fact]
    public async Task Token_of_another_key_malformed_and_expired_tokens_are_refused()
    {
        var (key, other) = (await NewKeyAsync(), await NewKeyAsync());
        await RefusesAsync(key, TestToken.ForOrders(other.Secret, ["o"]), "invalid_token", "does not match");
        await RefusesAsync(key, "token", "invalid_token", "three parts");
        await RefusesAsync(key, new string('t', 40_000), "invalid_token", "32,768");
        await RefusesAsync(
            key, TestToken.ForOrders(key.Secret, ["o"], DateTimeOffset.UtcNow.AddSeconds(-1)), "token_expired", "exp");
        await RefusesAsync(
            key, TestToken.ForOrders(other.Secret, ["o"], DateTimeOffset.UtcNow.AddSeconds(-1)), "invalid_token",
            "does not match");
        await RefusesAsync(
            key with { Key = "unknown" }, TestToken.ForOrders(key.Secret, ["o"]), "invalid_api_key", "no valid key");
    }

    [Fact]
    public void Every_fault_has_a_text_of_its_own()
    {
        var faults = Enum.GetValues<TokenFault>();
        Assert.Equal(faults.Length, faults.Select(TokenFaults.Describe).Distinct().Count());
        Assert.Equal(TokenFaults.Describe(TokenFault.None), TokenFaults.Describe((TokenFault)999));
    }

    [Fact]
    public async Task Token_limits_an_open_key_to_its_orders()
    {
        var key = await NewKeyAsync();
        var plain = await ConnectAsync(null, key);
        Assert.True(plain.MayWatchOrder("p"));
        var limited = await ConnectAsync(plain, key, TestToken.ForOrders(key.Secret, ["o"]));
        Assert.True(limited.MayWatchOrder("o"));
        Assert.False(limited.MayWatchOrder("p"));
        Assert.False(limited.MayWatchOrganization);
        Assert.Equal(1, limited.SecretId);
        Assert.True((await ConnectAsync(limited, key, TestToken.ForOrganization(key.Secret))).MayWatchOrganization);
    }

    [Fact]
    public async Task Connect_with_the_key_alone_keeps_the_token()
    {
        var key = await NewKeyAsync();
        var limited = await ConnectAsync(null, key, TestToken.ForOrders(key.Secret, ["o"]));
        var again = await ConnectAsync(limited, key);
        Assert.Same(limited.Grant, again.Grant);
        Assert.Equal(limited, again);
    }

    [Fact]
    public async Task Token_keeps_a_signature_and_a_signature_replaces_a_token()
    {
        var key = await NewKeyAsync();
        var signature = AuthorizationSignature.Create(key.Key, key.Secret, DateTimeOffset.UtcNow);
        var signed = await ConnectAsync(null, key, signature: signature);
        var both = await ConnectAsync(signed with { SecretId = 7 }, key, TestToken.ForOrders(key.Secret, ["o"]));
        Assert.True(both.IsSigned);
        Assert.NotNull(both.Grant);
        // The signature still depends on the secret that made it.
        Assert.Equal(7, both.SecretId);
        var signedAgain = await ConnectAsync(both, key, signature: signature);
        Assert.True(signedAgain.IsSigned);
        Assert.Null(signedAgain.Grant);
        Assert.Equal(1, signedAgain.SecretId);
    }

    [Fact]
    public async Task Silo_that_does_not_know_tokens_counts_as_unavailable()
    {
        var grains = FakeGrains.Create((_, _, method, _) => method == nameof(IAuthenticationGrain.Authenticate)
            ? Task.FromResult(new AuthenticationResult(AuthenticationOutcome.Authenticated, "shop"))
            : Task.FromException<AuthenticationResult>(new TypeLoadException("unknown method")));
        var log = new RecordingLogger<Authenticator>();
        var authenticator = new Authenticator(grains, log);
        var e = await Assert.ThrowsAnyAsync<Exception>(() => authenticator.ConnectAsync(null, Connect("key", "t")));
        Assert.True(Transient.Is(e));
        Assert.Equal([1326], log.Ids);
        Assert.Equal("shop", (await authenticator.ConnectAsync(null, Connect("key"))).OrganizationId);
    }

    private static ClientMessage Connect(string key, string? token = null, string? signature = null) => new()
    {
        Type = ClientMessageType.Connect,
        TypeText = "connect",
        ApiKey = key,
        Token = token,
        AuthorizationSignature = signature,
    };

    private Task<NewApiKey> NewKeyAsync() => cluster.Keys.CreateAsync("shop", TestContext.Current.CancellationToken);

    private Task<ClientIdentity> ConnectAsync(
        ClientIdentity? current, NewApiKey key, string? token = null, string? signature = null) =>
        _authenticator.ConnectAsync(current, Connect(key.Key, token, signature));

    private async Task RefusesAsync(NewApiKey key, string token, string code, string expected)
    {
        var e = await Assert.ThrowsAsync<RequestException>(() => ConnectAsync(null, key, token));
        Assert.Equal(code, e.Code.Code);
        Assert.StartsWith($"{e.Code.Words}: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(key.Secret, e.Message, StringComparison.Ordinal);
    }
}
