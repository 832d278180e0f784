using System.Diagnostics;
using System.Globalization;

namespace OrdersActors.Benchmarks;

/// <summary>
/// The clients that come back, in a process of their own, so that what they do with their events does not delay the one
/// whose latency is measured. Says "connected", waits for a line, resumes, and says "done" and how many seconds it took.
/// </summary>
internal sealed class ResumingCrowd : IDisposable
{
    private readonly Process _process;

    private ResumingCrowd(Process process) => _process = process;

    public static ResumingCrowd Start(Uri address, int clients, int behind, int orders) => new(Process.Start(
        new ProcessStartInfo("dotnet", [typeof(ResumingCrowd).Assembly.Location, "crowd", $"{address}", $"{clients}", $"{behind}", $"{orders}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!);

    /// <summary>What the crowd runs.</summary>
    public static async Task RunAsync(Uri address, int clients, int behind, int orders)
    {
        var connected = new FrameReader[clients];
        await Parallel.ForAsync(0, clients, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, _) =>
            connected[i] = await FrameReader.ConnectAsync(address, "demo-key"));
        Console.WriteLine("connected");
        await Console.In.ReadLineAsync();
        var startedAt = Stopwatch.GetTimestamp();
        await Task.WhenAll(connected.Select((client, i) => ResumeAsync(client, $"o-{i % orders}", behind)));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"done {Stopwatch.GetElapsedTime(startedAt).TotalSeconds}"));
    }

    public Task GoAsync() => _process.StandardInput.WriteLineAsync();

    /// <summary>Waits for a line that begins with a word, and returns the rest of it.</summary>
    public async Task<string> ReadAsync(string word)
    {
        var line = await _process.StandardOutput.ReadLineAsync() ?? "";
        return line.StartsWith(word, StringComparison.Ordinal)
            ? line[word.Length..].Trim()
            : throw new InvalidOperationException($"The clients' process was to say '{word}', and said '{line}'.");
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
