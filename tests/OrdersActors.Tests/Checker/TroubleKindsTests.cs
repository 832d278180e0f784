using OrdersActors.Checker;
using OrdersActors.Checker.Clients;
using OrdersActors.Checker.Trouble;

namespace OrdersActors.Tests.Checker;

/// <summary>The kinds of faults of a run, and the servers that clients connect to.</summary>
public sealed class TroubleKindsTests
{
    private static readonly CheckOptions Cluster =
        new() { Servers = 3, KillEvery = (5, 15), StopFor = 20, LoseCommits = 2, PreviousServer = "/old.dll" };

    [Fact]
    public void Cluster_has_every_kind() =>
        Assert.Equal(Enum.GetValues<TroubleKind>(), TroubleKinds.RoundOf(Cluster).Distinct().Order());

    [Fact]
    public void Single_server_has_the_kinds_that_affect_one_server() =>
        Assert.Equal(
            [TroubleKind.Kill, TroubleKind.Kill, TroubleKind.Restart, TroubleKind.Stop, TroubleKind.LostCommits],
            TroubleKinds.RoundOf(Cluster with { Servers = 1 }));

    [Fact]
    public void Kinds_can_be_switched_off()
    {
        Assert.Empty(TroubleKinds.RoundOf(Cluster with { KillEvery = (0, 0) }));
        Assert.DoesNotContain(TroubleKind.Stop, TroubleKinds.RoundOf(Cluster with { StopFor = 0 }));
        Assert.DoesNotContain(TroubleKind.LostCommits, TroubleKinds.RoundOf(Cluster with { LoseCommits = 0 }));
        Assert.DoesNotContain(TroubleKind.NetworkCut, TroubleKinds.RoundOf(Cluster with { CutNetwork = 0 }));
        Assert.DoesNotContain(TroubleKind.Upgrade, TroubleKinds.RoundOf(Cluster with { PreviousServer = null }));
        Assert.Equal(
            [TroubleKind.DatabaseKill], TroubleKinds.RoundOf(Cluster with { Troubles = [TroubleKind.DatabaseKill] }));
    }

    [Fact]
    public void Every_round_has_all_kinds_in_random_order()
    {
        var round = TroubleKinds.RoundOf(Cluster);
        var rounds = TroubleKinds.Shuffle(round, new Random(1)).Take(5 * round.Count).Chunk(round.Count).ToArray();

        Assert.All(rounds, kinds => Assert.Equal(round.Order(), kinds.Order()));
        Assert.Contains(rounds, kinds => !kinds.SequenceEqual(rounds[0]));
        Assert.Empty(TroubleKinds.Shuffle<TroubleKind>([], new Random(1)));
    }

    [Fact]
    public void Upgrades_and_rollbacks_take_turns()
    {
        Assert.All([TroubleKind.Upgrade, TroubleKind.Rollback], kind =>
        {
            Assert.Equal(TroubleKind.Upgrade, kind.Due(isUpgraded: false));
            Assert.Equal(TroubleKind.Rollback, kind.Due(isUpgraded: true));
        });
        Assert.Equal(TroubleKind.Kill, TroubleKind.Kill.Due(isUpgraded: true));
    }

    [Theory]
    [InlineData("rolling-restart", TroubleKind.RollingRestart)]
    [InlineData("Network-Cut", TroubleKind.NetworkCut)]
    [InlineData("upgrade", TroubleKind.Upgrade)]
    internal void Kinds_have_names(string name, TroubleKind kind) => Assert.Equal(kind, TroubleKinds.Parse(name));

    [Fact]
    public void Clients_are_spread_evenly_and_move_to_any_other_server()
    {
        var frontEnds = new FrontEnds([new("ws://a"), new("ws://b"), new("ws://c")]);
        var random = new Random(1);

        Assert.Equal([0, 1, 2, 0], Enumerable.Range(0, 4).Select(frontEnds.First));
        Assert.Equal([0, 2], Enumerable.Range(0, 50).Select(_ => frontEnds.Next(1, random)).Distinct().Order());
        Assert.Equal(0, new FrontEnds([new("ws://a")]).Next(0, random));
    }
}
