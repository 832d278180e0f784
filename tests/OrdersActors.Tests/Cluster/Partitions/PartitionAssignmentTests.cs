using System.Net;
using OrdersActors.Cluster.Partitions;

namespace OrdersActors.Tests.Cluster.Partitions;

public sealed class PartitionAssignmentTests
{
    [Theory]
    [InlineData(1, 8)]
    [InlineData(3, 8)]
    [InlineData(5, 64)]
    [InlineData(20, 64)]
    [InlineData(10, 8)]
    public void Every_partition_has_an_owner_and_shares_differ_by_at_most_one(int silos, int partitions)
    {
        var counts = Silos(silos).ToDictionary(silo => silo, _ => 0);
        foreach (var owner in PartitionAssignment.Among(Silos(silos), partitions))
        {
            counts[owner!]++;
        }

        Assert.True(counts.Values.Max() - counts.Values.Min() <= 1, string.Join(", ", counts.Values));
    }

    [Fact]
    public void Partitions_have_no_owner_without_silos() => Assert.All(PartitionAssignment.Among([], 8), Assert.Null);

    [Fact]
    public void Same_set_of_silos_gives_the_same_assignment() =>
        Assert.Equal(PartitionAssignment.Among(Silos(5), 64), PartitionAssignment.Among(Silos(5).Reverse(), 64));

    [Fact]
    public void Restarted_silo_gets_its_previous_partitions()
    {
        var before = PartitionAssignment.Among(Silos(3), 64);
        var restarted = SiloAddress.New(Silos(3).Last().Endpoint, 2);
        var after = PartitionAssignment.Among([.. Silos(2), restarted], 64);
        Assert.Equal(before.Select(owner => owner!.Endpoint), after.Select(owner => owner!.Endpoint));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(10)]
    public void Joining_silo_moves_little_more_than_its_share(int silos)
    {
        var (before, after) =
            (PartitionAssignment.Among(Silos(silos), 64), PartitionAssignment.Among(Silos(silos + 1), 64));
        var moved = before.Zip(after).Count(pair => !pair.First!.Equals(pair.Second));
        Assert.True(moved <= 2 * 64 / (silos + 1), $"{moved} of 64 partitions moved");
    }

    private static IEnumerable<SiloAddress> Silos(int count) =>
        Enumerable.Range(1, count)
            .Select(i => SiloAddress.New(new IPEndPoint(IPAddress.Parse($"10.0.0.{i}"), 11111), 1));
}
