using System.Buffers.Text;
using System.Text;
using OrdersActors.Http.Authentication;

namespace OrdersActors.Tests.Http.Authentication;

public sealed class TokenHeaderTests
{
    [Theory]
    [InlineData("""{"alg":"HS256","kid":"key"}""", "key")]
    [InlineData("""{"x":{"kid":"inner"},"kid":"outer"}""", "outer")]
    [InlineData("""{"alg":"HS256"}""", null)]
    [InlineData("""{"kid":7}""", null)]
    [InlineData("""{"kid":"\ud83d"}""", null)]
    [InlineData("""["kid","key"]""", null)]
    [InlineData("""{"kid""", null)]
    [InlineData("""{"x":[[[[[[1]]]]]],"kid":"deep"}""", null)]
    [InlineData("", null)]
    public void Key_id_is_read_from_a_flat_header(string json, string? kid) =>
        Assert.Equal(kid, TokenHeader.ReadKeyId(Encode(json) + ".e30.c2ln"));

    [Theory]
    [InlineData("")]
    [InlineData("no-dot")]
    [InlineData(".e30.c2ln")]
    [InlineData("!!!.e30.c2ln")]
    public void Text_that_is_not_a_token_has_no_key_id(string token) => Assert.Null(TokenHeader.ReadKeyId(token));

    [Fact]
    public void Header_that_is_longer_than_any_valid_one_is_not_decoded() =>
        Assert.Null(TokenHeader.ReadKeyId(Encode($$"""{"x":"{{new string('x', 2000)}}","kid":"key"}""") + ".e30.c2ln"));

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
