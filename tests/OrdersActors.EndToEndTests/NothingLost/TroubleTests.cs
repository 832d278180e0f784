namespace OrdersActors.EndToEndTests.NothingLost;

/// <summary>
/// Every acknowledged event reaches every client of its scope exactly once and in order, despite all faults.
/// </summary>
public sealed class TroubleTests : CheckedRun
{
    [Fact]
    public async Task Nothing_is_lost_while_the_server_is_killed_and_clients_lose_their_connections()
    {
        var (result, account) = await RunAsync(Small with
        {
            Duration = TimeSpan.FromSeconds(45),
            KillEvery = (5, 12),
            Kinds = 2,
            StopFor = 2,
            CutEvery = 10,
            Stall = 0.2,
        });

        Assert.True(result.IsGreen, account);
        Assert.True(
            result.Counts is { EndedCount: > 0, CutCount: > 0, StallCount: > 0, ResumeCount: > 0, RefusedCount: > 0 },
            account);
        Assert.Equal(0, result.Unknown);
    }

    [Fact]
    public async Task Clients_start_again_after_the_database_lost_its_last_commits()
    {
        var (result, account) = await RunAsync(RewrittenHistory);

        Assert.True(result.IsGreen, account);
        Assert.True(result.TakenBack > 0 && result.Counts.BeginAgainCount > 0, account);
    }

    [Fact]
    public async Task Nothing_is_lost_while_every_hop_drops_repeats_and_swaps_deliveries()
    {
        var (result, account) = await RunAsync(
            Small with { Duration = TimeSpan.FromSeconds(25), CutEvery = 20, Faults = 0.05 });

        Assert.True(result.IsGreen, account);
        foreach (var hop in Faults.FaultStartup.Hops)
        {
            Assert.True(result.Counted($"faults.injected{{hop={hop}") > 0, account);
        }

        foreach (var hop in new[] { "organization", "order", "feed", "connection" })
        {
            Assert.True(result.Counted($"orders_actors.holes_healed{{hop={hop}") > 0, account);
        }
    }
}
