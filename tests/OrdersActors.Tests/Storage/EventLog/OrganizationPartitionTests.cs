using OrdersActors.Storage.EventLog;

namespace OrdersActors.Tests.Storage.EventLog;

public sealed class OrganizationPartitionTests
{
    [Theory]
    [InlineData("demo", 4, 2)]
    [InlineData("shop", 4, 1)]
    [InlineData("ä☕", 64, 39)]
    public void Partition_of_an_organization_never_changes(string organization, int count, int partition) =>
        Assert.Equal(partition, OrganizationPartition.Of(organization, count));

    [Theory]
    [InlineData(-1)]
    [InlineData(4)]
    public void Partition_that_does_not_exist_is_rejected(int partition) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => OrganizationPartition.Check(partition, 4));
}
