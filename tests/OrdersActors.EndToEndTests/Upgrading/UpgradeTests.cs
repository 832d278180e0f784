using OrdersActors.Checker.Trouble;
using OrdersActors.EndToEndTests.NothingLost;

namespace OrdersActors.EndToEndTests.Upgrading;

/// <summary>
/// The checker with the previous release and this version in one cluster: all servers are upgraded one after the
/// other, and rolled back.
/// </summary>
public sealed class UpgradeTests : CheckedRun
{
    [Fact]
    public async Task Nothing_is_lost_while_a_cluster_is_upgraded_and_rolled_back()
    {
        RequiredPostgres.Check();
        // The run ends after the rollback, however long the servers of a slow machine take to start.
        var (result, account) = await RunAsync(Small with
        {
            Duration = TimeSpan.FromSeconds(30),
            PreviousServer = await PreviousRelease.BuiltAsync(),
            Servers = 3,
            Clients = 63,
            KillEvery = (2, 3),
            Kinds = 2,
            Troubles = [TroubleKind.Upgrade, TroubleKind.Rollback],
        });

        Assert.True(result.IsGreen, account);
        Assert.Equal([TroubleKind.Upgrade, TroubleKind.Rollback], result.Counts.TroubleCounts.Keys.Order());
        Assert.Equal(0, result.Unknown);
        Assert.True(result.Counts is { EndedCount: >= 6, ResumeCount: > 0 }, account);
    }
}
