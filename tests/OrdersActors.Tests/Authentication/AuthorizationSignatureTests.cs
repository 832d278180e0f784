using OrdersActors.Grains.Authentication;

namespace OrdersActors.Tests.Authentication;

public sealed class AuthorizationSignatureTests
{
    // printf 'GET/ws1700000000' | openssl dgst -sha256 -hmac whsec_test
    private const string Hmac = "c57bb96872ac3b6e89e39c3444f3ac3219495525e4e852c81ba6e603e01a3277";
    private const string Good = $"APIKey=k,signature={Hmac},timestamp=1700000000";
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(300);
    private static readonly DateTimeOffset Then = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    [Fact]
    public void The_test_vector_of_the_protocol_is_made_and_accepted()
    {
        Assert.Equal(Good, AuthorizationSignature.Create("k", "whsec_test", Then));
        Assert.Equal(AuthenticationOutcome.Authenticated, Verify(Good));
    }

    [Theory]
    [InlineData($"timestamp=1700000000,signature={Hmac},APIKey=k")]
    [InlineData($" APIKey=k , signature={Hmac} ,  timestamp=1700000000 ")]
    public void Fields_come_in_any_order_with_blanks_around_commas(string text) =>
        Assert.Equal(AuthenticationOutcome.Authenticated, Verify(text));

    [Fact]
    public void Hex_may_be_upper_case() =>
        Assert.Equal(AuthenticationOutcome.Authenticated, Verify(Good.Replace(Hmac, Hmac.ToUpperInvariant(), StringComparison.Ordinal)));

    [Theory]
    [InlineData("")]
    [InlineData(",,")]
    [InlineData("APIKey=k")]
    [InlineData($"APIKey=k,signature={Hmac}")]
    [InlineData($"APIKey=,signature={Hmac},timestamp=1700000000")]
    [InlineData($"APIKey=k,APIKey=k,signature={Hmac},timestamp=1700000000")]
    [InlineData($"APIKey=k,signature={Hmac},signature={Hmac}")]
    [InlineData($"APIKey=k,signature={Hmac},timestamp=1700000000,")]
    [InlineData($"apikey=k,signature={Hmac},timestamp=1700000000")]
    [InlineData($"APIKey=k,signature={Hmac}00,timestamp=1700000000")]
    [InlineData("APIKey=k,signature=zz,timestamp=1700000000")]
    [InlineData($"APIKey=k,signature={Hmac},timestamp=")]
    [InlineData($"APIKey=k,signature={Hmac},timestamp=-1")]
    [InlineData($"APIKey=k,signature={Hmac},timestamp=17e8")]
    [InlineData($"APIKey=k,signature={Hmac},timestamp=99999999999999999999")]
    public void What_is_malformed_is_not_read(string text) => Assert.Null(AuthorizationSignature.Parse(text));

    [Theory]
    [InlineData(-300, AuthenticationOutcome.Authenticated)]
    [InlineData(300, AuthenticationOutcome.Authenticated)]
    [InlineData(-301, AuthenticationOutcome.SignatureExpired)]
    [InlineData(301, AuthenticationOutcome.SignatureExpired)]
    public void The_window_is_kept_to_the_second(int seconds, AuthenticationOutcome outcome) => Assert.Equal(
        outcome, AuthorizationSignature.Parse(Good)!.Verify("whsec_test", Then.AddSeconds(seconds), Window));

    [Fact]
    public void A_wrong_secret_is_invalid_and_never_merely_expired()
    {
        var signature = AuthorizationSignature.Parse(Good)!;
        Assert.Equal(AuthenticationOutcome.InvalidSignature, signature.Verify("other", Then, Window));
        Assert.Equal(AuthenticationOutcome.InvalidSignature, signature.Verify("other", Then.AddYears(1), Window));
    }

    [Fact]
    public void A_timestamp_without_leading_zero_is_another_text_and_another_signature() => Assert.Equal(
        AuthenticationOutcome.InvalidSignature, Verify($"APIKey=k,signature={Hmac},timestamp=01700000000"));

    private static AuthenticationOutcome Verify(string text) =>
        AuthorizationSignature.Parse(text)!.Verify("whsec_test", Then, Window);
}
