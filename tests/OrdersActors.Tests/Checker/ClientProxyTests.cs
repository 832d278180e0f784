using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Checker.Proxy;

namespace OrdersActors.Tests.Checker;

/// <summary>The faults of the proxy, seen by a client and by a server.</summary>
public sealed class ClientProxyTests : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly FakeTimeProvider _time = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _timeout = new(Timeout);
    private readonly List<Socket> _sockets = [];
    private ClientProxy _proxy = null!;

    public ValueTask InitializeAsync()
    {
        _listener.Start();
        _proxy = ClientProxy.Start([(IPEndPoint)_listener.LocalEndpoint], _time);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _sockets.ForEach(socket => socket.Dispose());
        _listener.Dispose();
        _timeout.Dispose();
    }

    [Fact]
    public async Task Bytes_pass_in_both_directions_and_closes_too()
    {
        var (client, server) = await OpenAsync();
        await AssertPassesAsync(client, server);
        await AssertPassesAsync(server, client);

        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await ReadAsync(server));
        await AssertPassesAsync(server, client);
        server.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await ReadAsync(client));
        await UntilAsync(() => _proxy.Count == 0);
    }

    [Fact]
    public async Task Cut_closes_both_sides()
    {
        var (client, server) = await OpenAsync();

        Assert.Equal(1, Make(ProxyFault.Cut));
        Assert.Equal((0, 0), (await ReadAsync(client), await ReadAsync(server)));
    }

    [Fact]
    public async Task Reset_resets_both_sides()
    {
        var (client, server) = await OpenAsync();

        Assert.Equal(1, Make(ProxyFault.Reset));
        await AssertIsResetAsync(client);
        await AssertIsResetAsync(server);
    }

    [Fact]
    public async Task Half_open_connection_swallows_both_directions_and_is_reset_at_its_end()
    {
        var (client, server) = await OpenAsync();

        Make(ProxyFault.HalfOpen);
        await client.SendAsync(new byte[100], _timeout.Token);
        await server.SendAsync(new byte[100], _timeout.Token);
        server.Shutdown(SocketShutdown.Send);
        var reading = ReadAsync(client);
        await ReadsNothingAsync(reading);
        Assert.Equal(0, server.Available);

        _time.Advance(Long);
        await Assert.ThrowsAsync<SocketException>(() => reading);
        await AssertIsResetAsync(server);
    }

    [Fact]
    public async Task Half_open_connection_is_reset_when_the_run_calms_down()
    {
        var (client, _) = await OpenAsync();

        Make(ProxyFault.HalfOpen);
        _proxy.Calm();
        await AssertIsResetAsync(client);
    }

    [Fact]
    public async Task Delay_delays_each_read_until_its_end()
    {
        var (client, server) = await OpenAsync();

        _proxy.Make(ProxyFault.Delay, Long, TimeSpan.FromSeconds(1), () => true);
        await client.SendAsync("late"u8.ToArray(), _timeout.Token);
        var reading = ReadAsync(server);
        await ReadsNothingAsync(reading);
        await UntilAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return reading.IsCompleted;
            });
        Assert.Equal(4, await reading);

        _time.Advance(Long);
        await AssertPassesAsync(server, client);
    }

    [Fact]
    public async Task Slices_keep_all_bytes_in_order()
    {
        var (client, server) = await OpenAsync();
        byte[] sent = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i % 251))];

        Make(ProxyFault.Slice);
        var sending = client.SendAsync(sent, _timeout.Token);
        var received = new byte[sent.Length];
        for (var length = 0; length < received.Length;)
        {
            length += await server.ReceiveAsync(received.AsMemory(length), _timeout.Token);
        }

        await sending;
        Assert.Equal(sent, received);
    }

    [Theory]
    [InlineData(1, 7)]
    [InlineData(50, 7)]
    [InlineData(16 * 1024, 1024)]
    public void Slices_have_few_bytes_each(int length, int most)
    {
        int[] pieces = [.. ProxiedConnection.Slice(length, new Random(1))];

        Assert.Equal(length, pieces.Sum());
        Assert.All(pieces, piece => Assert.InRange(piece, 1, most));
        Assert.InRange(pieces.Length, length / most, Math.Max(40, length));
    }

    [Fact]
    public async Task Fault_that_lasts_affects_new_connections_and_one_that_does_not_last_spares_them()
    {
        Make(ProxyFault.Reset);
        var (client, server) = await OpenAsync();
        await AssertPassesAsync(client, server);

        Make(ProxyFault.HalfOpen);
        var (later, _) = await OpenAsync();
        await later.SendAsync(new byte[100], _timeout.Token);
        _time.Advance(Long);
        await AssertIsResetAsync(later);
        await UntilAsync(() => _proxy.Count == 0);

        var (last, lastServer) = await OpenAsync();
        await AssertPassesAsync(last, lastServer);
    }

    [Fact]
    public async Task Only_chosen_connections_are_affected()
    {
        var (client, server) = await OpenAsync();

        Assert.Equal(0, _proxy.Make(ProxyFault.Cut, Long, TimeSpan.Zero, () => false));
        await AssertPassesAsync(client, server);
    }

    [Fact]
    public async Task Client_is_disconnected_if_no_server_listens()
    {
        _listener.Stop();
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(_proxy.Address, _timeout.Token);
        Assert.Equal(0, await ReadAsync(client));
    }

    private int Make(ProxyFault fault) => _proxy.Make(fault, Long, TimeSpan.Zero, () => true);

    private async Task<(Socket Client, Socket Server)> OpenAsync()
    {
        var count = _proxy.Count;
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        _sockets.Add(client);
        await client.ConnectAsync(_proxy.Address, _timeout.Token);
        var server = await _listener.AcceptSocketAsync(_timeout.Token);
        _sockets.Add(server);
        await UntilAsync(() => _proxy.Count > count);
        return (client, server);
    }

    private async Task AssertPassesAsync(Socket from, Socket to)
    {
        await from.SendAsync("text"u8.ToArray(), _timeout.Token);
        Assert.Equal(4, await ReadAsync(to));
    }

    private async Task AssertIsResetAsync(Socket socket)
    {
        var e = await Assert.ThrowsAsync<SocketException>(() => ReadAsync(socket));
        Assert.Equal(SocketError.ConnectionReset, e.SocketErrorCode);
    }

    private async Task<int> ReadAsync(Socket socket) => await socket.ReceiveAsync(new byte[1000], _timeout.Token);

    // Nothing may come, however long it takes. A test cannot wait that long.
    private static async Task ReadsNothingAsync(Task reading)
    {
        await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.False(reading.IsCompleted);
    }

    private async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(10, _timeout.Token);
        }
    }
}
