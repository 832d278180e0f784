using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrdersActors.Client;

namespace OrdersActors.Tests.Client;

public class OrdersClientHostingTests
{
    [Fact]
    public async Task Clients_are_registered_with_and_without_a_key()
    {
        await using var provider = new ServiceCollection()
            .AddOrdersClient(options => (options.Address, options.ApiKey) = (new Uri("https://orders.example"), "a"))
            .AddOrdersClient("b", options => (options.Address, options.ApiKey) = (new Uri("ws://x/prefix/ws"), "b"))
            .BuildServiceProvider();
        var first = provider.GetRequiredService<IOrdersClient>();
        Assert.Same(first, provider.GetRequiredService<IOrdersClient>());
        Assert.NotSame(first, provider.GetRequiredKeyedService<IOrdersClient>("b"));
        Assert.Equal(OrdersClientState.Waiting, first.State);
        var options = provider.GetRequiredService<IOptionsMonitor<OrdersClientOptions>>();
        Assert.Equal(new Uri("wss://orders.example/ws"), options.CurrentValue.WebSocketAddress);
        Assert.Equal(new Uri("ws://x/prefix/ws"), options.Get("b").WebSocketAddress);
    }

    [Theory]
    [InlineData("ftp://x", "k", 65536, "Address")]
    [InlineData("wss://x", "", 65536, "ApiKey")]
    [InlineData("wss://x", "k", 65535, "MaxBufferedBytes")]
    public void Wrong_option_is_named_at_the_start(string address, string key, int bytes, string named)
    {
        using var provider = new ServiceCollection()
            .AddOrdersClient(options =>
                (options.Address, options.ApiKey, options.MaxBufferedBytes) = (new Uri(address), key, bytes))
            .BuildServiceProvider();
        var e = Assert.Throws<OptionsValidationException>(
            () => provider.GetRequiredService<IStartupValidator>().Validate());
        Assert.Contains(named, e.Message, StringComparison.Ordinal);
    }
}
