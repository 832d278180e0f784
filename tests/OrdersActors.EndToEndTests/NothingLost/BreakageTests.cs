namespace OrdersActors.EndToEndTests.NothingLost;

/// <summary>The checker reports RED if the server breaks its guarantee.</summary>
public sealed class BreakageTests : CheckedRun
{
    [Theory]
    [InlineData("acknowledge", "which was acknowledged")]
    [InlineData("duplicates", "")]
    [InlineData("loss", "")]
    [InlineData("leak", "events of shop-")]
    public async Task Broken_server_is_red(string breakage, string expected)
    {
        var (result, account) = await RunAsync(Small with { Duration = TimeSpan.FromSeconds(10), Break = breakage });

        Assert.False(result.IsGreen, account);
        Assert.Contains(expected, result.Found!.Expected, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_that_does_not_detect_rewritten_history_is_red()
    {
        var (result, account) = await RunAsync(
            RewrittenHistory with { Break = "epoch", QuietTimeout = TimeSpan.FromSeconds(8) });

        Assert.False(result.IsGreen, account);
    }

    [Fact]
    public async Task Server_that_does_not_recover_lost_deliveries_is_red()
    {
        var (result, account) = await RunAsync(Small with
        {
            Duration = TimeSpan.FromSeconds(10),
            Faults = 0.05,
            Break = "healing",
            QuietTimeout = TimeSpan.FromSeconds(8),
        });

        Assert.False(result.IsGreen, account);
        Assert.EndsWith("in the end", result.Found!.Expected, StringComparison.Ordinal);
    }
}
