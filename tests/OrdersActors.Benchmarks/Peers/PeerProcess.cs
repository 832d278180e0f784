using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OrdersActors.Benchmarks.Peers;

/// <summary>A child process that prints a line when it is ready, and is killed at the end.</summary>
internal sealed class PeerProcess : IAsyncDisposable
{
    public const string ReadyLine = "ready";
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private PeerProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public static Task<PeerProcess> StartAsync(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardInput = true;
        return StartAsync(start, async (process, timeout) =>
        {
            while (await process.StandardOutput.ReadLineAsync(timeout) != ReadyLine)
            {
                if (process.HasExited)
                {
                    throw new InvalidOperationException($"{start.FileName} ended at its start.");
                }
            }
        });
    }

    /// <summary>Starts a program that prints nothing, and waits until it accepts connections at all ports.</summary>
    public static Task<PeerProcess> StartAsync(ProcessStartInfo start, params int[] ports) =>
        StartAsync(start, async (_, timeout) =>
        {
            foreach (var port in ports)
            {
                while (!await IsListeningAsync(port))
                {
                    await Task.Delay(50, timeout);
                }
            }
        });

    /// <summary>How a hidden command of this program is started.</summary>
    public static ProcessStartInfo Command(params string[] args) =>
        new("dotnet", [Path.Combine(AppContext.BaseDirectory, "OrdersActors.Benchmarks.dll"), .. args]);

    /// <summary>
    /// How a hidden command of this program is started so that it does not delay others. The kernel runs it on one
    /// processor only, and only while nothing else wants that.
    /// </summary>
    public static ProcessStartInfo BackgroundCommand(params string[] args)
    {
        var command = Command(args);
        var processor = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount - 1}");
        return new ProcessStartInfo(
            "taskset",
            ["--cpu-list", processor, "chrt", "--idle", "0", command.FileName, .. command.ArgumentList]);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static async Task<PeerProcess> StartAsync(
        ProcessStartInfo start, Func<Process, CancellationToken, Task> waitUntilReady)
    {
        var child = new PeerProcess(Process.Start(start)!);
        using var timeout = new CancellationTokenSource(StartTimeout);
        try
        {
            await waitUntilReady(child._process, timeout.Token);
            return child;
        }
        catch
        {
            await child.DisposeAsync();
            throw;
        }
    }

    private static async Task<bool> IsListeningAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
