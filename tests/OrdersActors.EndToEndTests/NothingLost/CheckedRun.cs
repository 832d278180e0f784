using OrdersActors.Checker;
using OrdersActors.Checker.Reporting;
using OrdersActors.Checker.Trouble;

namespace OrdersActors.EndToEndTests.NothingLost;

/// <summary>Runs of the checker, one after the other, because each uses a large part of the machine.</summary>
[Collection(nameof(CheckedRun))]
public abstract class CheckedRun
{
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
        var result = await Check.RunAsync(options, output);
        Summary.Write(result, output);
        TestContext.Current.TestOutputHelper?.WriteLine(account.ToString());
        return (result, account.ToString());
    }
}
