using OrdersActors.Cluster.Partitions;
using OrdersActors.Cluster.Placement;
using OrdersActors.Tests.Support;
using Orleans.Runtime.Placement;

namespace OrdersActors.Tests.Cluster.Placement;

public sealed class OrganizationPlacementDirectorTests
{
    private readonly FakeCluster _cluster = new(3);
    private readonly PartitionMap _map;
    private readonly OrganizationPlacementDirector _director;

    public OrganizationPlacementDirectorTests()
    {
        _map = new PartitionMap(_cluster, FakeLog.Create());
        _director = new OrganizationPlacementDirector(_map);
    }

    [Fact]
    public async Task All_grains_of_an_organization_are_placed_on_its_home_silo()
    {
        for (var i = 0; i < FakeLog.PartitionCount; i++)
        {
            var home = _map.HomeOf($"{i}");
            Assert.Equal(home, await PlaceAsync("organization", $"{i}", 3));
            Assert.Equal(home, await PlaceAsync("owner-writer", $"{i}", 3));
            Assert.Equal(home, await PlaceAsync("order", new FeedKey($"{i}", "o-1").GrainKey, 3));
        }
    }

    [Fact]
    public async Task Organization_whose_home_silo_cannot_be_used_has_one_other_silo_for_all_its_grains()
    {
        // The third silo is a member, but does not know the grain type yet.
        var moved = Enumerable.Range(0, FakeLog.PartitionCount).Select(i => $"{i}")
            .First(name => _map.HomeOf(name)!.Equals(FakeCluster.Silo(3)));
        var place = await PlaceAsync("organization", moved, 2);
        Assert.Contains(place, new[] { FakeCluster.Silo(1), FakeCluster.Silo(2) });
        Assert.Equal(place, await PlaceAsync("order", new FeedKey(moved, "o-1").GrainKey, 2));
        Assert.Equal(place, await PlaceAsync("order", new FeedKey(moved, "o-2").GrainKey, 2));
    }

    private Task<SiloAddress> PlaceAsync(string type, string key, int silos) => _director.OnAddActivation(
        new OrganizationPlacement(), new PlacementTarget(GrainId.Create(type, key), [], default, 0),
        new Context([.. Enumerable.Range(1, silos).Select(silo => FakeCluster.Silo(silo))]));

    private sealed class Context(SiloAddress[] silos) : IPlacementContext
    {
        public SiloAddress LocalSilo => silos[0];

        public SiloStatus LocalSiloStatus => SiloStatus.Active;

        public SiloAddress[] GetCompatibleSilos(PlacementTarget target) => silos;

        public IReadOnlyDictionary<ushort, SiloAddress[]> GetCompatibleSilosWithVersions(PlacementTarget target) =>
            throw new NotSupportedException();
    }
}
