using OrdersActors.Grains.Authentication;

namespace OrdersActors.Tests.Grains.Authentication;

public sealed class AuthorizationSignatureTests
{
    // printf 'GET/ws1700000000' | openssl dgst -sha256 -hmac whsec_test
    private const string Hmac = "c57bb96872ac3b6e89e39c3444f3ac3219495525e4e852c81ba6e603e01a3277";
    private const string Good = $"APIKey=k,signature={Hmac},timestamp=1700000000";
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(300);
    private static readonly DateTimeOffset Then = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    [Fact]
    public void Test_vector_of_the_protocol_is_created_and_accepted()
    {
        Assert.Equal(Good, AuthorizationSignature.Create("k", "whsec_test", Then));
        Assert.Equal(AuthenticationOutcome.Authenticated, Verify(Good));
    }

    [Theory]
    [InlineData($"timestamp=1700000000,signature={Hmac},APIKey=k")]
    [InlineData($" APIKey=k , signature={Hmac} ,  timestamp=1700000000 ")]
    public void Fields_may_have_any_order_and_blanks_around_commas(string text) =>
        Assert.Equal(AuthenticationOutcome.Authenticated, Verify(text));

    [Fact]
    public void Hex_may_be_upper_case() =>
        Assert.Equal(
            AuthenticationOutcome.Authenticated,
            Verify(Good.Replace(Hmac, Hmac.ToUpperInvariant(), StringComparison.Ordinal)));

    [Theory]
    [InlineData("", SignatureFault.UnknownField)]
    [InlineData(",,", SignatureFault.UnknownField)]
    [InlineData("whatever", SignatureFault.UnknownField)]
    [InlineData("APIKey=k", SignatureFault.MissingSignature)]
    [InlineData($"APIKey=k,signature={Hmac}", SignatureFault.MissingTimestamp)]
    [InlineData($"signature={Hmac},timestamp=1700000000", SignatureFault.MissingApiKey)]
    [InlineData($"APIKey=,signature={Hmac},timestamp=1700000000", SignatureFault.MissingApiKey)]
    [InlineData("APIKey=k,signature=,timestamp=1700000000", SignatureFault.MissingSignature)]
    [InlineData($"APIKey=k,signature={Hmac},timestamp=", SignatureFault.MissingTimestamp)]
    [InlineData($"APIKey=k,APIKey=k,signature={Hmac},timestamp=1700000000", SignatureFault.RepeatedField)]
    [InlineData($"APIKey=k,signature={Hmac},signature={Hmac}", SignatureFault.RepeatedField)]
    [InlineData($"APIKey=k,signature={Hmac},timestamp=1700000000,", SignatureFault.UnknownField)]
    [InlineData($"apikey=k,signature={Hmac},timestamp=1700000000", SignatureFault.UnknownField)]
    [InlineData($"APIKey=k,signature={Hmac}00,timestamp=1700000000", SignatureFault.SignatureNotHex)]
    [InlineData("APIKey=k,signature=zz,timestamp=1700000000", SignatureFault.SignatureNotHex)]
    [InlineData(
        "APIKey=k,signature=xXu5aHKsO26J45w0RPOsMhlJVSXk6FLIG6bmA+AaMnc=,timestamp=1700000000",
        SignatureFault.SignatureInBase64)]
    [InlineData(
        "APIKey=k,signature=xXu5aHKsO26J45w0RPOsMhlJVSXk6FLIG6bmA-AaMnc,timestamp=1700000000",
        SignatureFault.SignatureInBase64)]
    [InlineData($"APIKey=k,signature={Hmac},timestamp=-1", SignatureFault.TimestampNotANumber)]
    [InlineData($"APIKey=k,signature={Hmac},timestamp=17e8", SignatureFault.TimestampNotANumber)]
    [InlineData($"APIKey=k,signature={Hmac},timestamp=1700000000000", SignatureFault.TimestampNotInSeconds)]
    [InlineData($"APIKey=k,signature={Hmac},timestamp=99999999999999999999", SignatureFault.TimestampNotInSeconds)]
    public void Malformed_signature_is_rejected_and_its_wrong_part_is_named(string text, SignatureFault expected)
    {
        Assert.Null(AuthorizationSignature.Parse(text, out var fault));
        Assert.Equal(expected, fault);
    }

    [Fact]
    public void Endless_signature_is_rejected()
    {
        Assert.Null(AuthorizationSignature.Parse(Good + new string(' ', 2000), out var fault));
        Assert.Equal(SignatureFault.TooLong, fault);
    }

    [Theory]
    [InlineData(-300, AuthenticationOutcome.Authenticated)]
    [InlineData(300, AuthenticationOutcome.Authenticated)]
    [InlineData(-301, AuthenticationOutcome.SignatureExpired)]
    [InlineData(301, AuthenticationOutcome.SignatureExpired)]
    public void Time_window_is_exact_to_the_second(int seconds, AuthenticationOutcome outcome) => Assert.Equal(
        outcome, Read(Good).Verify("whsec_test", Then.AddSeconds(seconds), Window));

    [Fact]
    public void Wrong_secret_is_invalid_and_never_only_expired()
    {
        var signature = Read(Good);
        Assert.Equal(AuthenticationOutcome.InvalidSignature, signature.Verify("other", Then, Window));
        Assert.Equal(AuthenticationOutcome.InvalidSignature, signature.Verify("other", Then.AddYears(1), Window));
    }

    [Fact]
    public void Timestamp_with_a_leading_zero_makes_the_signature_invalid() => Assert.Equal(
        AuthenticationOutcome.InvalidSignature, Verify($"APIKey=k,signature={Hmac},timestamp=01700000000"));

    private static AuthenticationOutcome Verify(string text) =>
        Read(text).Verify("whsec_test", Then, Window);

    private static AuthorizationSignature Read(string text)
    {
        var signature = AuthorizationSignature.Parse(text, out var fault);
        Assert.Equal(SignatureFault.None, fault);
        return signature!;
    }
}
