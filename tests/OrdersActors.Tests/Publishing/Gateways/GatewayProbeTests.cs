using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Publishing.Gateways;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Publishing.Gateways;

public sealed class GatewayProbeTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(4);

    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Process_that_closes_or_resets_the_connection_answers(bool resets)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var probe = ProbeAsync(((IPEndPoint)listener.LocalEndpoint).Port);
        using (var accepted = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken))
        {
            accepted.LingerState = new LingerOption(enable: resets, seconds: 0);
        }

        Assert.True(await probe);
    }

    [Fact]
    public async Task Frozen_process_does_not_answer_within_the_limit()
    {
        using var frozen = new HangingHost();
        var probe = ProbeAsync(frozen.Port);
        _time.Advance(Limit - TimeSpan.FromMilliseconds(1));
        Assert.False(probe.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(await probe);
    }

    [Fact]
    public async Task Closed_port_does_not_answer() => Assert.False(await ProbeAsync(ServerProcess.FreePorts(1)[0]));

    private Task<bool> ProbeAsync(int port) =>
        GatewayProbe.AnswersAsync(new IPEndPoint(IPAddress.Loopback, port), Limit, _time);
}
