namespace OrdersActors.EndToEndTests.NothingLost;

/// <summary>That the checker is right when it says red: a server that breaks its promise does not pass.</summary>
public sealed class BreakageTests : CheckedRun
{
    [Theory]
    [InlineData("acknowledge", "which was acknowledged")]
    [InlineData("duplicates", "")]
    [InlineData("loss", "")]
    [InlineData("leak", "events of shop-")]
    public async Task A_broken_server_is_red(string breakage, string expected)
    {
        var (result, account) = await RunAsync(Small with { Duration = TimeSpan.FromSeconds(10), Break = breakage });

        Assert.False(result.IsGreen, account);
        Assert.Contains(expected, result.Found!.Expected, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_does_not_see_that_history_was_rewritten_is_red()
    {
        var (result, account) = await RunAsync(RewrittenHistory with { Break = "epoch", Patience = TimeSpan.FromSeconds(8) });

        Assert.False(result.IsGreen, account);
    }

    [Fact]
    public async Task A_server_that_does_not_heal_is_red_when_something_is_lost()
    {
        var (result, account) = await RunAsync(Small with
        {
            Duration = TimeSpan.FromSeconds(10),
            Faults = 0.05,
            Break = "healing",
            Patience = TimeSpan.FromSeconds(8),
        });

        Assert.False(result.IsGreen, account);
        Assert.EndsWith("in the end", result.Found!.Expected, StringComparison.Ordinal);
    }
}
