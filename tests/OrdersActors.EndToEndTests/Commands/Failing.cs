using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Commands;

/// <summary>The required output of a failing command.</summary>
internal static class Failing
{
    // A limit for a command that hangs instead of failing. On an idle machine every command takes about a second.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Expects exit code 1, exactly one line on stderr with all of these words, and no stack trace.</summary>
    public static async Task<string> WithOneLineAsync(Task<CommandResult> command, params string[] words)
    {
        var result = await command.WaitAsync(WaitTimeout, TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 1, result.ToString());
        var line = Assert.Single(result.Error.TrimEnd().Split('\n'));
        Assert.All(words, word => Assert.Contains(word, line, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", result.Output + result.Error, StringComparison.Ordinal);
        return line;
    }

    /// <summary>Expects exit code 2, the reason and the usage on stderr, and an empty stdout.</summary>
    public static async Task WithUsageAsync(Task<CommandResult> command, params string[] words)
    {
        var result = await command.WaitAsync(WaitTimeout, TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 2, result.ToString());
        Assert.Contains("Usage:", result.Error, StringComparison.Ordinal);
        Assert.All(words, word => Assert.Contains(word, result.Error, StringComparison.Ordinal));
        Assert.Empty(result.Output);
    }
}
