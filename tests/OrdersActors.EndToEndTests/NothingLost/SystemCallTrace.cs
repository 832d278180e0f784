using System.ComponentModel;
using System.Diagnostics;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.NothingLost;

/// <summary>Observes the system calls of a running process, or makes them fail, with strace.</summary>
public sealed class SystemCallTrace : IAsyncDisposable
{
    private static readonly TimeSpan AttachTimeout = TimeSpan.FromSeconds(60);

    private readonly Process _strace;
    private readonly string _file = Path.GetTempFileName();
    private readonly TaskCompletionSource<string?> _attached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SystemCallTrace(int processId, string calls, string? error)
    {
        _strace = new Process
        {
            StartInfo = new ProcessStartInfo(
                "strace",
                [
                    "-f", "-o", _file, "-e", $"trace={calls}", "-p", $"{processId}",
                    .. error is null ? (string[])[] : ["-e", $"inject={calls}:error={error}"],
                ])
            {
                RedirectStandardError = true,
            },
        };
        // strace first says that it has attached, or why it cannot.
        _strace.ErrorDataReceived += (_, line) => _attached.TrySetResult(line.Data);
        _strace.Start();
        _strace.BeginErrorReadLine();
    }

    /// <summary>
    /// The number of traced calls that have returned. strace writes a call's result before the process continues.
    /// </summary>
    public int Count => Lines().Count(line => line.EndsWith(" = 0", StringComparison.Ordinal));

    /// <summary>Attaches to all threads of a process.</summary>
    /// <param name="processId">The process.</param>
    /// <param name="calls">The names of the calls, separated by commas.</param>
    /// <param name="error">The error that each of these calls returns instead of being executed; null for none.</param>
    public static async Task<SystemCallTrace> AttachAsync(int processId, string calls, string? error = null)
    {
        SystemCallTrace trace;
        try
        {
            trace = new SystemCallTrace(processId, calls, error);
        }
        catch (Win32Exception e)
        {
            Assert.SkipWhen(
                Environment.GetEnvironmentVariable("CI") != "true", $"strace is not installed: {e.Message}");
            throw;
        }

        var answer = await trace._attached.Task.WaitAsync(AttachTimeout, TestContext.Current.CancellationToken);
        if (answer is null || !answer.Contains("attached", StringComparison.Ordinal))
        {
            await trace.DisposeAsync();
            NotPermitted.Skip("a process cannot be traced", answer ?? "");
        }

        return trace;
    }

    /// <summary>Detaches. The process continues undisturbed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_strace.HasExited)
        {
            await ServerProcess.SignalAsync(_strace.Id, "INT");
        }

        await _strace.WaitForExitAsync();
        _strace.Dispose();
        File.Delete(_file);
    }

    private string[] Lines()
    {
        using var file = new FileStream(_file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd().Split('\n');
    }
}
