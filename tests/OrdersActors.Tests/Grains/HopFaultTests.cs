using OrdersActors.Faults.Hops;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Grains;

/// <summary>
/// A third of the deliveries on one hop is lost although the sender believes that they arrived, or repeated, or late.
/// The tests of the subscriptions cover the last hop, from a feed to a connection.
/// </summary>
public sealed class HopFaultTests(FaultyHopsCluster cluster) : IClassFixture<FaultyHopsCluster>
{
    private const int AtLeast = 200;
    private const int AtMost = 20_000;
    private readonly string _shop = OrderCluster.NewOrganization();

    [Theory]
    [InlineData("AgentToOrganization", HopFault.Drop)]
    [InlineData("AgentToOrganization", HopFault.Duplicate)]
    [InlineData("AgentToOrganization", HopFault.Swap)]
    [InlineData("OrganizationToOrder", HopFault.Drop)]
    [InlineData("OrganizationToOrder", HopFault.Duplicate)]
    [InlineData("OrganizationToOrder", HopFault.Swap)]
    [InlineData("GrainToFrontEnd", HopFault.Drop)]
    [InlineData("GrainToFrontEnd", HopFault.Duplicate)]
    [InlineData("GrainToFrontEnd", HopFault.Swap)]
    public async Task Faults_on_a_hop_are_recovered(string hop, HopFault fault)
    {
        await cluster.AppendAsync(_shop, Order);
        await using var shopper = new InProcessClient(cluster);
        await shopper.SubscribeAsync(new FeedKey(_shop, Order));
        await using var shop = new InProcessClient(cluster);
        await shop.SubscribeAsync(new FeedKey(_shop, null));

        var dice = cluster.Break(Enum.Parse<Hop>(hop), fault);
        var last = 1;
        while (last < AtLeast || (dice.Injected < 10 && last < AtMost))
        {
            await cluster.AppendAsync(_shop, Order);
            last++;
        }

        // A loss at the end shows when the leases are renewed.
        await Eventually.Holds(
            () =>
            {
                Task.WhenAll(shopper.RenewAsync(), shop.RenewAsync()).GetAwaiter().GetResult();
                return shopper.Events.Count >= last - 1 && shop.Events.Count >= last - 1;
            },
            () => $"the shopper received {shopper.Events.Count} and the shop {shop.Events.Count} of {last - 1} events");
        Assert.Equal(Enumerable.Range(2, last - 1).Select(n => (long)n), shopper.Events.Select(e => e.Version));
        Assert.Equal(Enumerable.Range(2, last - 1).Select(n => (long)n), shop.Events.Select(e => e.Sequence!.Value));
        Assert.True(dice.Injected >= 10, $"{dice.Injected} faults were injected");
    }

    private string Order => $"{_shop}/1";
}
