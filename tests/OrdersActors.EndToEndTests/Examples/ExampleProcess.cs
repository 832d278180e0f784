using System.Diagnostics;
using OrdersActors.EndToEndTests.Clients;

namespace OrdersActors.EndToEndTests.Examples;

/// <summary>A running example. It records what the example prints.</summary>
internal sealed class ExampleProcess : IAsyncDisposable
{
    // Only failing tests wait this long.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(90);

    private readonly List<string> _lines = [];
    private readonly List<string> _errors = [];
    private readonly Process _process;

    private ExampleProcess(ProcessStartInfo start)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, output) => Add(_lines, output.Data);
        _process.ErrorDataReceived += (_, output) => Add(_errors, output.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The folder of the examples.</summary>
    public static string Folder { get; } = Path.Combine(TypeScriptPackage.Repository, "src", "examples");

    /// <summary>The standard output so far.</summary>
    public IReadOnlyList<string> Lines => Snapshot(_lines);

    /// <summary>The standard error so far.</summary>
    public string Errors => string.Join('\n', Snapshot(_errors));

    /// <summary>Starts a program in the folder of the examples. Skips the test if it is not installed.</summary>
    public static ExampleProcess Start(
        string program, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            return new ExampleProcess(start);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            TypeScriptPackage.Require(false, $"{program} is needed: {e.Message}");
            throw;
        }
    }

    /// <summary>Waits until it has printed a number of lines. Returns all lines.</summary>
    public Task<IReadOnlyList<string>> WaitForLinesAsync(int count) =>
        WaitAsync(() => Lines.Count >= count, () => Lines);

    /// <summary>Waits until its standard error contains a text.</summary>
    public Task WaitForErrorAsync(string text) =>
        WaitAsync(() => Errors.Contains(text, StringComparison.Ordinal), () => Lines);

    /// <summary>Gives it an input and waits for its end. Returns the exit code.</summary>
    public async Task<int> EndAsync(string input = "")
    {
        await _process.StandardInput.WriteAsync(input);
        _process.StandardInput.Close();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken)
            .WaitAsync(Timeout, TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Kills it and the processes that it has started.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private static void Add(List<string> lines, string? line)
    {
        if (line is not null)
        {
            lock (lines)
            {
                lines.Add(line);
            }
        }
    }

    private static IReadOnlyList<string> Snapshot(List<string> lines)
    {
        lock (lines)
        {
            return [.. lines];
        }
    }

    private async Task<T> WaitAsync<T>(Func<bool> condition, Func<T> result)
    {
        for (var waited = Stopwatch.StartNew(); !condition();)
        {
            Assert.True(
                waited.Elapsed < Timeout,
                $"The example has printed:\n{string.Join('\n', Lines)}\nIts standard error is:\n{Errors}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        return result();
    }
}
