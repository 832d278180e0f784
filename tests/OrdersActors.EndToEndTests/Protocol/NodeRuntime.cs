using System.ComponentModel;
using System.Diagnostics;

namespace OrdersActors.EndToEndTests.Protocol;

/// <summary>The Node of the machine, for tests that run JavaScript outside of a browser.</summary>
internal static class NodeRuntime
{
    public static readonly Version Least = new(20, 10);

    /// <summary>Returns the version of Node; null if it is not installed.</summary>
    public static async Task<Version?> FindAsync()
    {
        try
        {
            var (_, output) = await RunAsync("node", null, TimeSpan.FromMinutes(1), "--version");
            return Version.TryParse(output.Trim().TrimStart('v'), out var found) ? found : new Version(0, 0);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Runs a program to its end. Returns its exit code, and what it printed to both outputs.</summary>
    /// <exception cref="TimeoutException">It did not end in time. It was ended.</exception>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        string program, string? folder, TimeSpan timeout, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "",
        })!;
        var outputs = Task.WhenAll(
            process.StandardOutput.ReadToEndAsync(CancellationToken.None),
            process.StandardError.ReadToEndAsync(CancellationToken.None));
        using var time = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        time.CancelAfter(timeout);
        try
        {
            await process.WaitForExitAsync(time.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} took longer than {timeout}: {string.Concat(await outputs)}");
        }

        return (process.ExitCode, string.Concat(await outputs));
    }
}
