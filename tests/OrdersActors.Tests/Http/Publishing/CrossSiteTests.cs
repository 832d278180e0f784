using Microsoft.AspNetCore.Http;
using OrdersActors.Http.Problems;
using OrdersActors.Http.Publishing;

namespace OrdersActors.Tests.Http.Publishing;

public sealed class CrossSiteTests
{
    [Theory]
    [InlineData("", "", true)]
    [InlineData("", "same-origin", true)]
    [InlineData("", "none", true)]
    [InlineData("https://shop.example", "same-origin", true)]
    [InlineData("http://SHOP.example", "", true)]
    [InlineData("https://shop.example:8443", "", false)]
    [InlineData("https://evil.example", "", false)]
    [InlineData("null", "", false)]
    [InlineData("", "cross-site", false)]
    [InlineData("", "same-site", false)]
    public void Only_the_servers_own_pages_and_programs_may_publish(string origin, string site, bool isAllowed)
    {
        var request = new DefaultHttpContext().Request;
        request.Host = new HostString("shop.example");
        request.Headers.Origin = origin;
        request.Headers["Sec-Fetch-Site"] = site;
        var e = Record.Exception(() => CrossSite.Refuse(request));
        Assert.Equal(isAllowed, e is null);
        Assert.True(e is null or ProblemException { Status: 403 });
    }
}
