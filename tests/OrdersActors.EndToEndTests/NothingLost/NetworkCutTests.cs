using OrdersActors.Checker.Trouble;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.NothingLost;

/// <summary>
/// Like <see cref="ClusterTroubleTests"/>, with a network for each server. No other test runs beside it: Chromium ends
/// all connections when a network of the machine changes.
/// </summary>
[Collection(nameof(NetworkCutTests))]
[CollectionDefinition(nameof(NetworkCutTests), DisableParallelization = true)]
public sealed class NetworkCutTests : CheckedRun
{
    [Fact]
    public async Task Nothing_is_lost_while_servers_cannot_reach_each_other()
    {
        RequiredPostgres.Check();
        // Without a network the run would take its time and show nothing.
        var (network, whyNot) = ClusterNetwork.TryCreate(places: 1);
        network?.Dispose();
        if (network is null)
        {
            NotPermitted.Skip("a network for the servers cannot be made", whyNot);
        }

        var (result, account) = await RunAsync(Small with
        {
            Duration = TimeSpan.FromSeconds(40),
            Servers = 3,
            FrontEnds = 1,
            Clients = 63,
            KillEvery = (3, 6),
            Kinds = 1,
            Troubles = [TroubleKind.NetworkCut],
            CutNetwork = 15,
        });

        Assert.True(result.IsGreen, account);
        Assert.True(result.Counts.TroubleCounts.ContainsKey(TroubleKind.NetworkCut), account);
    }
}
