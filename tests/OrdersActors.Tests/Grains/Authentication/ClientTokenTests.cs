using OrdersActors.Grains.Authentication;
using OrdersActors.TestServer;

namespace OrdersActors.Tests.Grains.Authentication;

public sealed class ClientTokenTests
{
    private const string Claims = """{"exp":1,"orders":[]}""";

    [Theory]
    [InlineData("""{"alg":"HS256"}""", null)]
    [InlineData("""{"alg":"HS256","typ":"JWT","kid":"key","extra":{}}""", "key")]
    public void Header_is_read(string header, string? keyId)
    {
        var token = ClientToken.Parse(TestToken.Create("secret", Claims, header), out var fault);
        Assert.Equal(TokenFault.None, fault);
        Assert.Equal(keyId, token!.KeyId);
    }

    [Theory]
    [InlineData("""{"alg":"none"}""", TokenFault.Algorithm)]
    [InlineData("""{"alg":"RS256"}""", TokenFault.Algorithm)]
    [InlineData("""{"alg":"HS384"}""", TokenFault.Algorithm)]
    [InlineData("""{"alg":"hs256"}""", TokenFault.Algorithm)]
    [InlineData("""{"alg":["HS256"]}""", TokenFault.Algorithm)]
    [InlineData("""{"typ":"JWT"}""", TokenFault.Algorithm)]
    [InlineData("""{"alg":"HS256","alg":"none"}""", TokenFault.Malformed)]
    [InlineData("""{"alg":"HS256","kid":"a","kid":"b"}""", TokenFault.Malformed)]
    [InlineData("""{"alg":"HS256","kid":7}""", TokenFault.Malformed)]
    [InlineData("""{"alg":"HS256","kid":"\ud800"}""", TokenFault.Malformed)]
    [InlineData("""{"alg":"HS256","crit":["exp"]}""", TokenFault.Malformed)]
    [InlineData("""["HS256"]""", TokenFault.Malformed)]
    [InlineData("HS256", TokenFault.Malformed)]
    [InlineData("", TokenFault.Malformed)]
    public void Wrong_header_is_refused(string header, TokenFault expected)
    {
        Assert.Null(ClientToken.Parse(TestToken.Create("secret", Claims, header), out var fault));
        Assert.Equal(expected, fault);
    }

    [Fact]
    public void Text_that_is_not_three_parts_of_base64url_is_malformed()
    {
        var good = TestToken.Create("secret", Claims);
        string[] bad =
        [
            "", "x", ".", "..", "...", "a.b.c", good + ".", good + "=", good + " ", "\n" + good, good + ".a.b",
            good[..good.LastIndexOf('.')], good.Replace('.', ' '), good + "é", "Bearer " + good,
        ];
        Assert.All(bad, text =>
        {
            Assert.Null(ClientToken.Parse(text, out var fault));
            Assert.Equal(TokenFault.Malformed, fault);
        });
        Assert.NotNull(ClientToken.Parse(good, out _));
    }

    [Fact]
    public void Text_longer_than_any_token_is_not_read()
    {
        Assert.Null(ClientToken.Parse(new string('.', ClientToken.MaxLength + 1), out var fault));
        Assert.Equal(TokenFault.TooLong, fault);
        Assert.Null(ClientToken.Parse(new string('.', ClientToken.MaxLength), out fault));
        Assert.Equal(TokenFault.Malformed, fault);
    }

    [Fact]
    public void Longest_token_has_room_for_500_orders()
    {
        var orders = Enumerable.Range(0, TokenSigner.MaxOrders).Select(i => new string('o', 40) + $"{i:00000}");
        var grant = new TokenGrant([.. orders], false, DateTimeOffset.UtcNow, new string('s', 36));
        Assert.True(TokenSigner.Create(new string('k', 26), "secret", grant, DateTimeOffset.UtcNow).Length
            <= TokenSigner.MaxLength);
    }

    [Fact]
    public void Claims_are_read_strictly()
    {
        Assert.NotNull(ReadClaims(Claims));
        Assert.All(
            ["[1]", "7", "x", "", """{"exp":1,"exp":2}""", """{"a":{"b":1,"b":1}}"""],
            claims => Assert.Null(ReadClaims(claims)));
    }

    private static object? ReadClaims(string claims)
    {
        using var json = ClientToken.Parse(TestToken.Create("secret", claims), out _)!.ReadClaims();
        return json;
    }
}
