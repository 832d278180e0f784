using System.Net;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Limits;

namespace OrdersActors.Tests.FrontEnd.Limits;

public sealed class KnownProxiesTests
{
    [Fact]
    public void Addresses_and_networks_of_both_families_are_parsed()
    {
        var proxies = KnownProxies.Parse(" 10.0.0.0/8, 192.0.2.7 ,2001:db8::/32,::1");
        Assert.Equal(4, proxies.Count);
        Assert.True(proxies[0].Contains(IPAddress.Parse("10.9.8.7")));
        Assert.True(proxies[1].Contains(IPAddress.Parse("192.0.2.7")));
        Assert.False(proxies[1].Contains(IPAddress.Parse("192.0.2.8")));
        Assert.True(proxies[2].Contains(IPAddress.Parse("2001:db8:9::1")));
        Assert.True(proxies[3].Contains(IPAddress.IPv6Loopback));
        Assert.Empty(KnownProxies.Parse(null));
    }

    [Theory]
    [InlineData("proxy.example")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0/33")]
    public void Invalid_entry_is_named(string entry)
    {
        var result = new FrontEndOptionsCheck().Validate(null, new FrontEndOptions { KnownProxies = $"::1,{entry}" });
        Assert.Contains("OrdersActors:FrontEnd:KnownProxies", result.FailureMessage, StringComparison.Ordinal);
        Assert.Contains($"'{entry}'", result.FailureMessage, StringComparison.Ordinal);
    }
}
