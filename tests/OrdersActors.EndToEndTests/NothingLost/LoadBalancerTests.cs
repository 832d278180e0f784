using OrdersActors.Checker.Trouble;

namespace OrdersActors.EndToEndTests.NothingLost;

/// <summary>Three servers behind a real HAProxy that are restarted one by one, as for a new version.</summary>
public sealed class LoadBalancerTests : CheckedRun
{
    [Fact]
    public async Task Rolling_restart_behind_HAProxy_refuses_no_handshake_and_loses_nothing()
    {
        RequiredPostgres.Check();
        RequiredHaProxy.Check();
        // A third of the clients reconnects three times. The rate leaves room on two cores for the other tests.
        var (result, account) = await RunAsync(Small with
        {
            Duration = TimeSpan.FromSeconds(5),
            Servers = 3,
            HaProxy = true,
            Clients = 1000,
            Organizations = 3,
            Orders = 150,
            Rate = 15,
            KillEvery = (1, 1),
            MaxTroubles = 1,
            Troubles = [TroubleKind.RollingRestart],
        });

        Assert.True(result.IsGreen, account);
        Assert.Empty(result.Counts.FailedHandshakes);
        Assert.All(result.Counts.ClosedByStatus.Keys, status => Assert.True(status is 1001 or 1012, account));
        Assert.True(result.Counts is { EndedCount: 3, ResumeCount: > 300, ReconnectCount: > 600 }, account);
        Assert.True(result.Deliveries.Count > 1000, account);
    }
}
