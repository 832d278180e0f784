using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Commands;

/// <summary>How a command that fails must look to the person who typed it.</summary>
internal static class Failing
{
    // A bound for a command that hangs instead of failing; on an idle machine they all take about a second.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Expects exit code 1 and exactly one line on stderr with all of these words, and no stack trace anywhere.</summary>
    public static async Task<string> WithOneLineAsync(Task<CommandResult> command, params string[] words)
    {
        var result = await command.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 1, result.ToString());
        var line = Assert.Single(result.Error.TrimEnd().Split('\n'));
        Assert.All(words, word => Assert.Contains(word, line, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", result.Output + result.Error, StringComparison.Ordinal);
        return line;
    }

    /// <summary>Expects exit code 2, the reason and the usage on stderr, and nothing on stdout.</summary>
    public static async Task WithUsageAsync(Task<CommandResult> command, params string[] words)
    {
        var result = await command.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 2, result.ToString());
        Assert.Contains("Usage:", result.Error, StringComparison.Ordinal);
        Assert.All(words, word => Assert.Contains(word, result.Error, StringComparison.Ordinal));
        Assert.Empty(result.Output);
    }
}
