using OrdersActors.Checker;
using OrdersActors.Checker.Reporting;
using OrdersActors.Checker.Trouble;

namespace OrdersActors.EndToEndTests.NothingLost;

/// <summary>Runs of the checker, one after the other, because each uses a large part of the machine.</summary>
[Collection(nameof(CheckedRun))]
public abstract class CheckedRun
{
    private const int ToldWarnings = 60;

    // Characters.
    private const int MaxWarning = 400;

    /// <summary>
    /// Large enough for all kinds of clients in all organizations, small enough for a machine that runs other work as
    /// well.
    /// </summary>
    private protected static CheckOptions Small { get; } =
        new() { Clients = 105, Organizations = 3, Orders = 90, Rate = 80, Publishers = 6 };

    /// <summary>The database loses the commits of two seconds about twice.</summary>
    private protected static CheckOptions RewrittenHistory { get; } = Small with
    {
        Duration = TimeSpan.FromSeconds(25),
        KillEvery = (3, 5),
        LoseCommits = 2,
        Troubles = [TroubleKind.LostCommits],
    };

    /// <summary>Runs the checker. Returns the verdict and the whole report of the run.</summary>
    private protected static async Task<(CheckResult Result, string Account)> RunAsync(CheckOptions options)
    {
        await using var account = new StringWriter();
        var output = TextWriter.Synchronized(account);
        await output.WriteLineAsync($"seed {options.Seed}");
        var folder = Directory.CreateTempSubdirectory("orders-actors-checked-").FullName;
        try
        {
            var log = Path.Combine(folder, "servers.log");
            var result = await Check.RunAsync(options with { ServerLog = log }, output);
            Summary.Write(result, output);
            if (!result.IsGreen)
            {
                await WriteWarningsAsync(log, output);
            }

            TestContext.Current.TestOutputHelper?.WriteLine(account.ToString());
            return (result, account.ToString());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Writes the servers' last warnings and errors. Each is one line.</summary>
    private static async Task WriteWarningsAsync(string log, TextWriter output)
    {
        var warnings = (await File.ReadAllLinesAsync(log)).Where(line =>
            (line.Contains("warn: ", StringComparison.Ordinal) || line.Contains("fail: ", StringComparison.Ordinal))
            // A silo logs many of these when it stops.
            && !line.Contains("Orleans.Runtime.GrainDirectory.ClientDirectory", StringComparison.Ordinal));
        foreach (var line in warnings.TakeLast(ToldWarnings))
        {
            await output.WriteLineAsync(line.Length > MaxWarning ? line[..MaxWarning] : line);
        }
    }
}
