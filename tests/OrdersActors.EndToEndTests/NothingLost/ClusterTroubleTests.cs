namespace OrdersActors.EndToEndTests.NothingLost;

/// <summary>Like <see cref="TroubleTests"/>, with three servers that share a PostgreSQL.</summary>
public sealed class ClusterTroubleTests : CheckedRun
{
    [Fact]
    public async Task Nothing_is_lost_while_servers_and_PostgreSQL_are_killed_frozen_and_restarted()
    {
        RequiredPostgres.Check();
        var (result, account) = await RunAsync(Small with
        {
            Duration = TimeSpan.FromSeconds(60),
            Servers = 3,
            Clients = 63,
            KillEvery = (2, 5),
            Kinds = 4,
            StopFor = 20,
            CutEvery = 30,
            CutNetwork = 0,
        });

        Assert.True(result.IsGreen, account);
        Assert.True(result.Counts is { EndedCount: > 0, ResumeCount: > 0, RefusedCount: > 0 }, account);
        Assert.Equal(0, result.Unknown);
        Assert.True(result.Counts.TroubleCounts.Count >= 4, account);
    }

    [Fact]
    public async Task Clients_start_again_after_PostgreSQL_lost_its_last_commits()
    {
        RequiredPostgres.Check();
        var (result, account) = await RunAsync(
            RewrittenHistory with { Servers = 2, Duration = TimeSpan.FromSeconds(40) });

        Assert.True(result.IsGreen, account);
        Assert.True(result.TakenBack > 0 && result.Counts.BeginAgainCount > 0, account);
    }

    [Fact]
    public async Task Cluster_that_does_not_detect_rewritten_history_is_red()
    {
        RequiredPostgres.Check();
        var (result, account) = await RunAsync(RewrittenHistory with
        {
            Servers = 2,
            Break = "epoch",
            QuietTimeout = TimeSpan.FromSeconds(8),
        });

        Assert.False(result.IsGreen, account);
    }
}
