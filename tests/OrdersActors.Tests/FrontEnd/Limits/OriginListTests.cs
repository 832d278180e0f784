using OrdersActors.FrontEnd.Limits;

namespace OrdersActors.Tests.FrontEnd.Limits;

public sealed class OriginListTests
{
    [Theory]
    [InlineData("https://shop.example", "https://shop.example")]
    [InlineData("HTTPS://Shop.Example:443", "https://shop.example")]
    [InlineData("http://localhost:3000", "http://localhost:3000")]
    [InlineData("https://müller.example", "https://xn--mller-kva.example")]
    [InlineData("http://[::1]:8080", "http://[::1]:8080")]
    [InlineData("capacitor://localhost", "capacitor://localhost")]
    [InlineData("https://a.example , https://b.example", "https://b.example")]
    [InlineData("*", "https://any.example")]
    public void Origin_is_recognized_as_browsers_write_it(string list, string origin) =>
        Assert.True(OriginList.Parse(list).Contains(origin));

    [Theory]
    [InlineData("shop.example")]
    [InlineData("https://shop.example/")]
    [InlineData("https://shop.example/path")]
    [InlineData("https://shop.example?x")]
    [InlineData("https://user@shop.example")]
    [InlineData("https://*.shop.example")]
    [InlineData("null")]
    [InlineData("mailto:a@b.example")]
    public void Text_that_is_no_origin_is_named(string entry) =>
        Assert.Contains(
            entry, Assert.Throws<FormatException>(() => OriginList.Parse($"https://a.example,{entry}")).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Empty_list_contains_nothing() => Assert.False(OriginList.Parse(" , ").Contains("https://a.example"));
}
