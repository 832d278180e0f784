using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd;

namespace OrdersActors.Tests.FrontEnd;

public sealed class FrontEndHostingTests
{
    [Fact]
    public void Client_that_sends_faster_than_it_is_served_costs_32_KiB_and_unsent_bytes_do_not_wait_in_the_web_server()
    {
        using var services = new ServiceCollection().AddOrderFrontEnd().BuildServiceProvider();
        var sockets = services.GetRequiredService<IOptions<SocketTransportOptions>>().Value;
        Assert.Equal(32 * 1024, sockets.MaxReadBufferSize);
        Assert.Equal(1, sockets.MaxWriteBufferSize);
    }
}
