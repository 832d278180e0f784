using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using OrdersActors.Publishing;
using OrdersActors.Publishing.Gateways;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Publishing.Gateways;

public sealed class NamedGatewaysTests : IDisposable
{
    private readonly TimerCountingClock _time = new();
    private readonly RecordingLogger<NamedGateways> _logger = new();
    private readonly Responsive _one = new();
    private readonly Responsive _two = new();
    private readonly HangingHost _frozen = new();

    public void Dispose()
    {
        _one.Dispose();
        _two.Dispose();
        _frozen.Dispose();
    }

    [Fact]
    public async Task All_gateways_that_answer_are_used()
    {
        var gateways = Gateways(_one.Port, _two.Port);
        Assert.Equal(Sorted(_one.Port, _two.Port), await PortsAsync(gateways));
        Assert.Empty(_logger.Ids);
    }

    [Fact]
    public async Task Frozen_gateway_is_excluded_after_one_second()
    {
        var gateways = Gateways(_one.Port, _frozen.Port);
        var ports = PortsAsync(gateways);
        await OnlyOneProbeIsLeftAsync();
        _time.Advance(TimeSpan.FromSeconds(0.9));
        Assert.False(ports.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal([_one.Port], await ports);
    }

    [Fact]
    public async Task Gateway_in_use_is_excluded_when_it_stops_to_answer_and_returns_when_it_answers_again()
    {
        var gateways = Gateways(_one.Port, _two.Port);
        Assert.Equal(Sorted(_one.Port, _two.Port), await PortsAsync(gateways));
        _two.Freeze();
        var ports = PortsAsync(gateways);
        await OnlyOneProbeIsLeftAsync();
        _time.Advance(TimeSpan.FromSeconds(3.9));
        Assert.False(ports.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal([_one.Port], await ports);
        Assert.Equal([1511], _logger.Ids);
        _two.Thaw();
        Assert.Equal(Sorted(_one.Port, _two.Port), await PortsAsync(gateways));
    }

    [Fact]
    public async Task All_gateways_are_returned_if_none_answers()
    {
        var closed = ServerProcess.FreePorts(2);
        Assert.Equal(Sorted(closed), await PortsAsync(Gateways(closed)));
    }

    [Fact]
    public async Task Only_gateway_is_not_probed() =>
        Assert.Equal([_frozen.Port], await PortsAsync(Gateways(_frozen.Port)));

    [Fact]
    public async Task Name_that_cannot_be_resolved_is_logged_once()
    {
        var gateways = new NamedGateways(
            [new GatewayAddress("no-such-host.invalid", 1), new GatewayAddress("127.0.0.1", _one.Port)],
            Options.Create(new GatewayOptions()), _time, _logger);
        Assert.Equal([_one.Port], await PortsAsync(gateways));
        Assert.Equal([_one.Port], await PortsAsync(gateways));
        Assert.Equal([1510], _logger.Ids);
    }

    private Task OnlyOneProbeIsLeftAsync() =>
        Eventually.Holds(() => _time.Timers == 1, () => $"{_time.Timers} probes are left");

    private NamedGateways Gateways(params int[] ports) => new(
        [.. ports.Select(port => new GatewayAddress("127.0.0.1", port))], Options.Create(new GatewayOptions()), _time,
        _logger);

    private static async Task<int[]> PortsAsync(NamedGateways gateways) =>
        [.. (await gateways.GetGateways()).Select(uri => uri.Port).Order()];

    private static int[] Sorted(params int[] ports) => [.. ports.Order()];

    /// <summary>A process that closes each connection, unless it is frozen.</summary>
    private sealed class Responsive : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Lock _lock = new();
        private readonly List<Socket> _held = [];
        private bool _isFrozen;

        public Responsive()
        {
            _listener.Start();
            _ = AcceptAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public void Freeze()
        {
            lock (_lock)
            {
                _isFrozen = true;
            }
        }

        public void Thaw()
        {
            lock (_lock)
            {
                _isFrozen = false;
            }
        }

        public void Dispose()
        {
            _listener.Dispose();
            lock (_lock)
            {
                _held.ForEach(socket => socket.Dispose());
            }
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    Hold(await _listener.AcceptSocketAsync());
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The listener was disposed.
            }
        }

        private void Hold(Socket socket)
        {
            lock (_lock)
            {
                if (_isFrozen)
                {
                    _held.Add(socket);
                }
                else
                {
                    socket.Dispose();
                }
            }
        }
    }
}
