namespace OrdersActors.Tests.Abstractions.Grains;

public sealed class SignatureTextTests
{
    private const string Hex = "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("APIKey=k,signature=" + Hex + ",timestamp=1")]
    [InlineData("timestamp=1 , APIKey=k,  signature=" + Hex)]
    public void Fields_come_in_any_order_with_blanks(string text)
    {
        Assert.True(SignatureText.IsLike(text));
        Assert.Equal(SignatureFault.None, SignatureText.Read(text, out var fields));
        Assert.Equal(new SignatureText("k", Hex, "1"), fields);
    }

    [Theory]
    [InlineData("APIKey=k,APIKey=k,timestamp=1", SignatureFault.RepeatedField)]
    [InlineData("APIKey=k,sig=x,timestamp=1", SignatureFault.UnknownField)]
    [InlineData("signature=" + Hex + ",timestamp=1", SignatureFault.MissingApiKey)]
    [InlineData("APIKey=k,timestamp=1", SignatureFault.MissingSignature)]
    [InlineData("APIKey=k,signature=" + Hex, SignatureFault.MissingTimestamp)]
    [InlineData("APIKey=k,signature=" + Hex + ",timestamp=now", SignatureFault.TimestampNotANumber)]
    [InlineData("APIKey=k,signature=" + Hex + ",timestamp=1795494839000", SignatureFault.TimestampNotInSeconds)]
    [InlineData("APIKey=k,signature=abc,timestamp=1", SignatureFault.SignatureNotHex)]
    [InlineData(
        "APIKey=k,signature=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=,timestamp=1",
        SignatureFault.SignatureInBase64)]
    public void Wrong_part_is_named(string text, SignatureFault fault) =>
        Assert.Equal(fault, SignatureText.Read(text, out _));

    [Fact]
    public void Text_that_is_longer_than_any_signature_is_not_read() =>
        Assert.Equal(SignatureFault.TooLong, SignatureText.Read("APIKey=" + new string('k', 2000), out _));

    [Theory]
    [InlineData("Basic abc")]
    [InlineData("Bearer APIKey=k")]
    public void Other_credentials_are_not_like_a_signature(string text) => Assert.False(SignatureText.IsLike(text));
}
