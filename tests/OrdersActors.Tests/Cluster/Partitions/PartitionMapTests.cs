using OrdersActors.Cluster.Partitions;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Cluster.Partitions;

public sealed class PartitionMapTests
{
    private readonly FakeCluster _cluster = new(2);
    private readonly PartitionMap _map;

    public PartitionMapTests() => _map = new PartitionMap(_cluster, FakeLog.Create());

    [Fact]
    public void Home_of_an_organization_is_the_owner_of_its_partition()
    {
        Assert.Equal(5, _map.PartitionOf("5"));
        Assert.Equal(_map.OwnerOf(5), _map.HomeOf("5"));
        var silos = new[] { FakeCluster.Silo(1), FakeCluster.Silo(2) };
        var expected = PartitionAssignment.Among(silos, FakeLog.PartitionCount);
        Assert.Equal(expected, Enumerable.Range(0, FakeLog.PartitionCount).Select(_map.OwnerOf));
    }

    [Fact]
    public void Map_follows_the_membership()
    {
        _cluster.Set(1);
        Assert.All(
            Enumerable.Range(0, FakeLog.PartitionCount),
            partition => Assert.Equal(FakeCluster.Silo(1), _map.OwnerOf(partition)));
        _cluster.Set(0);
        Assert.Null(_map.HomeOf("5"));
    }
}
