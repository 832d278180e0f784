using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.Http;
using OrdersActors.Http.Authentication;
using OrdersActors.Http.Problems;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Http.Authentication;

public sealed class RequestAuthenticatorTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly GuessLimits _guesses;
    private readonly RequestAuthenticator _authenticator;
    private readonly List<ClientCredentials> _checked = [];
    private AuthenticationResult _result = new(
        AuthenticationOutcome.Authenticated, "shop", IsSigned: true, SecretId: 7, ApiKey: "key");

    private Exception? _failure;

    public RequestAuthenticatorTests()
    {
        _guesses = GuessParts.Create(
            new FrontEndOptions { FailedConnectsPerAddress = 2, FailedConnectRatePerAddress = 1 }, _time);
        var grains = FakeGrains.Create((_, _, _, arguments) =>
        {
            _checked.Add((ClientCredentials)arguments[0]!);
            return _failure is { } e
                ? Task.FromException<AuthenticationResult>(e)
                : Task.FromResult(_result);
        });
        _authenticator = new RequestAuthenticator(
            grains, new AuthenticationCache(Options.Create(new HttpOptions()), _time), _guesses,
            new FrontEndLimiters(_time));
    }

    [Fact]
    public async Task Identity_is_what_the_silo_established()
    {
        var identity = await AuthenticateAsync("key", "secret");
        Assert.Equal(("key", "shop", true, 7),
            (identity.ApiKey, identity.OrganizationId, identity.IsSigned, identity.SecretId));
        await AuthenticateAsync("key", "secret");
        Assert.Equal("secret", Assert.Single(_checked).Secret);
    }

    [Theory]
    [InlineData(AuthenticationOutcome.InvalidApiKey)]
    [InlineData(AuthenticationOutcome.InvalidSecret)]
    public async Task Unknown_key_and_wrong_secret_get_the_same_answer(AuthenticationOutcome outcome)
    {
        _result = new AuthenticationResult(outcome);
        var e = await FailAsync("key", "wrong");
        Assert.Equal(
            (401, "invalid_credentials", "the API key or its secret is wrong"), (e.Status, e.Code, e.Message));
    }

    [Fact]
    public async Task Failures_use_up_the_budget_of_the_address_and_a_known_key_passes()
    {
        await AuthenticateAsync("known", "secret", "192.0.2.9");
        _guesses.Connects.Succeeded("known");
        _result = new AuthenticationResult(AuthenticationOutcome.InvalidSecret);
        Assert.Equal(401, (await FailAsync("key", "a")).Status);
        Assert.Equal(401, (await FailAsync("key", "b")).Status);
        var refused = await FailAsync("key", "c");
        Assert.Equal((429, "rate_limited"), (refused.Status, refused.Code));
        Assert.True(refused.RetryAfter >= TimeSpan.FromSeconds(1));
        Assert.Equal(3, _checked.Count);
        Assert.Equal(401, (await FailAsync("key", "d", "192.0.2.2")).Status);
        _result = new AuthenticationResult(AuthenticationOutcome.Authenticated, "shop", ApiKey: "known");
        Assert.Equal("known", (await AuthenticateAsync("known", "other")).ApiKey);
    }

    [Fact]
    public async Task Silo_that_cannot_decide_is_not_a_failed_attempt()
    {
        Exception[] failures = [new TimeoutException(), new OrleansException("x"), new TypeLoadException()];
        foreach (var e in failures)
        {
            _failure = e;
            for (var i = 0; i < 5; i++)
            {
                var problem = await FailAsync("key", "secret");
                Assert.Equal((503, "unavailable"), (problem.Status, problem.Code));
                Assert.NotNull(problem.RetryAfter);
            }
        }

        _failure = null;
        await AuthenticateAsync("key", "secret");
    }

    private async Task<ProblemException> FailAsync(string key, string secret, string address = "192.0.2.1") =>
        await Assert.ThrowsAsync<ProblemException>(async () => await AuthenticateAsync(key, secret, address));

    private async Task<OrdersActors.FrontEnd.Sessions.Authentication.ClientIdentity> AuthenticateAsync(
        string key, string secret, string address = "192.0.2.1")
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(address);
        context.Request.Headers.Authorization =
            "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{key}:{secret}"));
        return await _authenticator.AuthenticateAsync(context);
    }
}
