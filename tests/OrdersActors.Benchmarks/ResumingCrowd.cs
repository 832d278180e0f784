using System.Diagnostics;
using System.Globalization;
using OrdersActors.Benchmarks.Peers;

namespace OrdersActors.Benchmarks;

/// <summary>
/// The resuming clients, in a background process, so that their own work does not delay the client whose latency is
/// measured. The process prints "connected", waits for a line, resumes, and prints "done" with the elapsed seconds.
/// </summary>
internal sealed class ResumingCrowd : IDisposable
{
    private readonly Process _process;

    private ResumingCrowd(Process process) => _process = process;

    public static ResumingCrowd Start(Uri address, int clients, int behind, int orders)
    {
        var start = PeerProcess.BackgroundCommand("crowd", $"{address}", $"{clients}", $"{behind}", $"{orders}");
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        return new ResumingCrowd(Process.Start(start)!);
    }

    /// <summary>The body of the clients' process.</summary>
    public static async Task RunAsync(Uri address, int clients, int behind, int orders)
    {
        var connected = new FrameReader[clients];
        await Parallel.ForAsync(0, clients, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, _) =>
            connected[i] = await FrameReader.ConnectAsync(address, "demo-key"));
        Console.WriteLine("connected");
        await Console.In.ReadLineAsync();
        var startedAt = Stopwatch.GetTimestamp();
        await Task.WhenAll(connected.Select((client, i) => ResumeAsync(client, $"o-{i % orders}", behind)));
        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"done {Stopwatch.GetElapsedTime(startedAt).TotalSeconds}"));
    }

    public Task GoAsync() => _process.StandardInput.WriteLineAsync();

    /// <summary>Reads a line that must begin with <paramref name="word"/>, and returns the rest of it.</summary>
    public async Task<string> ReadAsync(string word)
    {
        var line = await _process.StandardOutput.ReadLineAsync() ?? "";
        return line.StartsWith(word, StringComparison.Ordinal)
            ? line[word.Length..].Trim()
            : throw new InvalidOperationException($"The clients' process must print '{word}', but printed '{line}'.");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static async Task ResumeAsync(FrameReader client, string order, int behind)
    {
        await client.SubscribeAsync(order, after: 0);
        for (var expected = 1; expected <= behind; expected++)
        {
            var version = (await client.ReadEventAsync()).GetProperty("version").GetInt64();
            if (version != expected)
            {
                throw new InvalidOperationException($"Expected version {expected} of {order}, got {version}.");
            }
        }
    }
}
