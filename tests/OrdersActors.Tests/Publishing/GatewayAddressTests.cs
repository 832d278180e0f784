using System.Net;
using System.Net.Sockets;
using OrdersActors.Publishing;

namespace OrdersActors.Tests.Publishing;

public sealed class GatewayAddressTests
{
    [Theory]
    [InlineData("localhost:30000", "localhost", 30000)]
    [InlineData("10.0.0.1:1", "10.0.0.1", 1)]
    [InlineData("[::1]:30000", "::1", 30000)]
    [InlineData("[fe80::1%lo]:65535", "fe80::1%lo", 65535)]
    public void Host_and_port_are_parsed_and_written(string text, string host, int port)
    {
        var address = GatewayAddress.Parse(text);
        Assert.Equal(new GatewayAddress(host, port), address);
        Assert.Equal(text, address.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("localhost")]
    [InlineData(":30000")]
    [InlineData("localhost:")]
    [InlineData("localhost:0")]
    [InlineData("localhost:65536")]
    [InlineData("localhost:-1")]
    [InlineData("::1:30000")]
    [InlineData("[::1]")]
    [InlineData("[localhost]:30000")]
    [InlineData("[127.0.0.1]:30000")]
    [InlineData("[::1:30000")]
    [InlineData("x[::1]:30000")]
    public void Other_text_is_refused_and_repeated_in_the_error(string text) =>
        Assert.Contains(
            $"'{text}'", Assert.Throws<FormatException>(() => GatewayAddress.Parse(text)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void List_is_separated_by_commas()
    {
        Assert.Equal([new("a", 1), new("::1", 2)], GatewayAddress.ParseList(" a:1 , [::1]:2,"));
        Assert.Empty(GatewayAddress.ParseList(null));
    }

    [Theory]
    [InlineData("127.0.0.1", AddressFamily.InterNetwork)]
    [InlineData("::ffff:127.0.0.1", AddressFamily.InterNetwork)]
    [InlineData("::1", AddressFamily.InterNetworkV6)]
    public async Task Address_resolves_to_itself(string host, AddressFamily family)
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "Not permitted on this machine: it has no IPv6");
        var resolved = await new GatewayAddress(host, 7).ResolveAsync(TestContext.Current.CancellationToken);
        var address = Assert.Single(resolved);
        Assert.Equal((family, 7), (address.AddressFamily, address.Port));
        Assert.True(IPAddress.IsLoopback(address.Address));
    }
}
