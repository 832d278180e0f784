using System.Net;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Server.Operators;

namespace OrdersActors.Tests.Server.Operators;

public class OperatorSessionsTests
{
    private const string Password = "a long password";

    private static readonly IPAddress Here = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress There = IPAddress.Parse("192.0.2.2");

    private readonly FakeTimeProvider _time = new();
    private readonly OperatorSessions _sessions;

    public OperatorSessionsTests() => _sessions = new OperatorSessions(Password, _time);

    [Fact]
    public void Session_is_valid_until_it_expires_or_ends()
    {
        var (first, second) = (SignIn(Password)!, SignIn(Password)!);
        Assert.NotEqual(first, second);
        Assert.True(_sessions.IsValid(first) && _sessions.IsValid(second));
        Assert.False(_sessions.IsValid(null) || _sessions.IsValid("") || _sessions.IsValid(first + "x"));
        _sessions.End(first);
        Assert.False(_sessions.IsValid(first));
        _time.Advance(OperatorSessions.Lifetime);
        Assert.False(_sessions.IsValid(second));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("a long passwor")]
    [InlineData("a long password ")]
    public void Wrong_password_is_refused(string? given) => Assert.Null(SignIn(given));

    [Fact]
    public void Address_that_fails_too_often_must_wait_also_with_the_right_password_and_others_need_not()
    {
        for (var i = 0; i < 5; i++)
        {
            Assert.Null(_sessions.TrySignIn("wrong", Here, out var early));
            Assert.False(early);
        }

        Assert.Null(_sessions.TrySignIn(Password, Here, out var mustWait));
        Assert.True(mustWait);
        Assert.NotNull(_sessions.TrySignIn(Password, There, out _));

        _time.Advance(TimeSpan.FromSeconds(25));
        Assert.NotNull(_sessions.TrySignIn(Password, Here, out _));
    }

    [Fact]
    public void Many_addresses_and_sessions_are_bounded()
    {
        var first = SignIn(Password)!;
        for (var i = 0; i < 100; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.NotNull(SignIn(Password));
        }

        Assert.False(_sessions.IsValid(first));
        for (var i = 0; i < 3000; i++)
        {
            _sessions.TrySignIn("wrong", new IPAddress(i + 1), out _);
        }

        // The addresses past the bound share one budget, which is used up.
        Assert.Null(_sessions.TrySignIn(Password, There, out var mustWait));
        Assert.True(mustWait);
    }

    private string? SignIn(string? password) => _sessions.TrySignIn(password, Here, out _);
}
