using System.Reflection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Grains.Authentication;
using OrdersActors.Storage;

namespace OrdersActors.Tests.Grains.Authentication;

public sealed class AuthenticationGrainTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));
    private readonly AuthenticationGrain _grain;

    public AuthenticationGrainTests()
    {
        var options = Options.Create(new AuthenticationOptions());
        _grain = new AuthenticationGrain(
            new ApiKeyCache(DispatchProxy.Create<IApiKeyStore, Keys>(), options, _time), options, _time);
    }

    [Theory]
    [InlineData("good", AuthenticationOutcome.Authenticated)]
    [InlineData("revoked", AuthenticationOutcome.InvalidApiKey)]
    [InlineData("unknown", AuthenticationOutcome.InvalidApiKey)]
    [InlineData("", AuthenticationOutcome.InvalidApiKey)]
    public async Task Key_is_valid_if_it_is_known_and_not_revoked(string key, AuthenticationOutcome outcome)
    {
        var expected = outcome == AuthenticationOutcome.Authenticated
            ? new AuthenticationResult(outcome, "shop", ApiKey: key)
            : new AuthenticationResult(outcome);
        Assert.Equal(expected, await _grain.Authenticate(key, null));
    }

    [Fact]
    public async Task Signature_of_the_key_is_accepted_within_the_window()
    {
        Assert.Equal(
            new AuthenticationResult(
                AuthenticationOutcome.Authenticated, "shop", IsSigned: true, SecretId: 1, ApiKey: "good"),
            await _grain.Authenticate("good", Sign("good", "secret")));
        var signature = Sign("good", "secret");
        _time.Advance(TimeSpan.FromSeconds(301));
        Assert.Equal(
            new AuthenticationResult(AuthenticationOutcome.SignatureExpired),
            await _grain.Authenticate("good", signature));
    }

    [Theory]
    [InlineData("good", "other secret", SignatureFault.WrongHmac)]
    [InlineData("another", "secret", SignatureFault.OtherApiKey)]
    public async Task Wrong_signature_fails_the_whole_authentication(string key, string secret, SignatureFault fault) =>
        Assert.Equal(
            new AuthenticationResult(AuthenticationOutcome.InvalidSignature, Fault: fault),
            await _grain.Authenticate("good", Sign(key, secret)));

    [Fact]
    public async Task Malformed_signature_is_reported_with_its_fault()
    {
        var answer = await _grain.Authenticate("good", "signature=00");
        Assert.Equal(
            (AuthenticationOutcome.InvalidSignature, SignatureFault.MissingApiKey), (answer.Outcome, answer.Fault));
    }

    [Fact]
    public async Task Revoked_and_unknown_keys_are_found() =>
        Assert.Equal(["revoked", "unknown"], await _grain.FindRevoked(["good", "revoked", "unknown"]));

    private string Sign(string key, string secret) => AuthorizationSignature.Create(key, secret, _time.GetUtcNow());

    public class Keys : DispatchProxy
    {
        private static readonly ApiKeySecret[] Secrets = [new ApiKeySecret(1, "secret")];

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Assert.Equal(nameof(IApiKeyStore.FindAsync), targetMethod!.Name);
            return Task.FromResult((string)args![0]! switch
            {
                "good" => new ApiKey("shop", Secrets, ApiKeyAccess.Open, ExpiresAt: null, IsRevoked: false),
                "revoked" => new ApiKey("shop", Secrets, ApiKeyAccess.Open, ExpiresAt: null, IsRevoked: true),
                _ => null,
            });
        }
    }
}
