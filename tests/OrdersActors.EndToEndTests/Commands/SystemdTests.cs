using System.Net.Sockets;
using System.Text;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Commands;

/// <summary>A server that systemd has started reports its state to the socket that systemd names.</summary>
public sealed class SystemdTests : IDisposable
{
    private const string Ready = "READY=1";
    private const string Stopping = "STOPPING=1";
    private const string Alive = "WATCHDOG=1";

    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(90);

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"notify-{Guid.NewGuid():N}"[..20]);
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    public SystemdTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Other systems have no systemd.");
        _socket.Bind(new UnixDomainSocketEndPoint(_path));
    }

    public void Dispose()
    {
        _socket.Dispose();
        File.Delete(_path);
    }

    [Fact]
    public async Task Server_reports_that_it_is_ready_alive_and_stopping()
    {
        await using var server = ServerProcess.Create(Notifying(new ServerSettings()));
        server.Launch();
        var before = await ReceiveUntilAsync(Ready);
        Assert.All(before, message => Assert.Equal(Alive, message));
        Assert.True(await server.IsReadyAsync());
        await ReceiveUntilAsync(Alive);

        // A frozen process sends nothing, however slow the machine is.
        await server.SignalAsync("STOP");
        await WaitUntilFrozenAsync(server.ProcessId);
        await DrainAsync();
        using (var pause = new CancellationTokenSource(TimeSpan.FromSeconds(1)))
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ReceiveAsync(pause.Token));
        }

        await server.SignalAsync("CONT");
        await ReceiveUntilAsync(Alive);
        var stopping = server.StopAsync();
        await ReceiveUntilAsync(Stopping);
        Assert.Equal(0, (await stopping).ExitCode);
    }

    [Fact]
    public async Task Front_end_is_alive_but_not_ready_until_a_silo_answers()
    {
        await using var silo = ServerProcess.Create(new ServerSettings { Arguments = ["serve", "--role", "silo"] });
        await using var frontEnd = ServerProcess.Create(Notifying(new ServerSettings
        {
            Arguments = ["serve", "--role", "front-end"],
            Variables = { ["OrdersActors__Gateways"] = $"localhost:{silo.GatewayPort}" },
        }));
        frontEnd.Launch();
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(Alive, await ReceiveAsync(new CancellationTokenSource(WaitTimeout).Token));
        }

        await silo.StartAgainAsync();
        await ReceiveUntilAsync(Ready);
        Assert.True(await frontEnd.IsReadyAsync());
    }

    private ServerSettings Notifying(ServerSettings settings) => settings with
    {
        Variables = new(settings.Variables) { ["NOTIFY_SOCKET"] = _path, ["WATCHDOG_USEC"] = "300000" },
    };

    /// <summary>Returns the messages before the expected one.</summary>
    private async Task<List<string>> ReceiveUntilAsync(string expected)
    {
        using var timeout = new CancellationTokenSource(WaitTimeout);
        var before = new List<string>();
        while (await ReceiveAsync(timeout.Token) is var message && message != expected)
        {
            before.Add(message);
        }

        return before;
    }

    private async Task<string> ReceiveAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[256];
        var length = await _socket.ReceiveAsync(buffer, cancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, length).TrimEnd('\n');
    }

    private static async Task WaitUntilFrozenAsync(int processId)
    {
        foreach (var thread in Directory.GetDirectories($"/proc/{processId}/task"))
        {
            while (File.Exists($"{thread}/status")
                && !(await File.ReadAllTextAsync($"{thread}/status")).Contains("State:\tT", StringComparison.Ordinal))
            {
                await Task.Delay(10);
            }
        }
    }

    /// <summary>Drops the messages that were sent before.</summary>
    private async Task DrainAsync()
    {
        while (_socket.Available > 0)
        {
            await ReceiveAsync(TestContext.Current.CancellationToken);
        }
    }
}
