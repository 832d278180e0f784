using OrdersActors.Checker;
using OrdersActors.Checker.Libraries;
using OrdersActors.Checker.Proxy;
using OrdersActors.Checker.World;

namespace OrdersActors.Tests.Checker;

/// <summary>The clients of the libraries, and their share of all clients.</summary>
public sealed class LibraryPlanTests
{
    private readonly Map _map = new([new Shop(0, "shop-0", "k", "s"), new Shop(1, "shop-1", "k", "s")], 40);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Twelve_clients_of_two_organizations_have_every_kind_of_handler(bool knowsConfirmation)
    {
        LibraryPlan[] plans = [.. LibraryPlan.For("x", knowsConfirmation, _map, 12, new Random(1))];
        HandlerPlan[] handlers = [.. plans.SelectMany(plan => plan.Handlers)];

        Assert.All(plans, plan => Assert.All(
            plan.Handlers, handler => Assert.True(handler.Order is not { } order || _map.ShopOf(order) == plan.Shop)));
        Assert.All(plans, plan => Assert.True(!plan.WholeOrganization || plan.Credential is not Credential.None));
        Assert.Equal(Enum.GetValues<Credential>(), plans.Select(plan => plan.Credential).Distinct().Order());
        Assert.Equal([false, true], plans.Select(plan => plan.Variant).Distinct().Order());
        Assert.Equal(knowsConfirmation, handlers.Any(handler => handler.Start is HandlerStart.Next));
        Assert.Contains(handlers, handler => handler.Start is HandlerStart.Newest);
        Assert.Contains(handlers, handler => handler is { RejoinAfter: > 0, Order: null });
        Assert.Contains(handlers, handler => handler is { RejoinAfter: > 0, Order: not null });
    }

    [Fact]
    public void Only_handlers_of_the_newest_event_share_an_order_with_another_one_of_their_client() =>
        Assert.All(
            LibraryPlan.For("x", true, _map, 60, new Random(1)),
            plan => Assert.All(
                plan.Handlers.GroupBy(handler => handler.Order).Where(same => same.Count() > 1),
                same => Assert.All(same, handler => Assert.Equal(HandlerStart.Newest, handler.Start))));

    [Theory]
    [InlineData(ClientChoice.Raw, 8, 8, 0, 0)]
    [InlineData(ClientChoice.DotNet, 8, 0, 8, 0)]
    [InlineData(ClientChoice.TypeScript, 8, 0, 0, 8)]
    [InlineData(ClientChoice.All, 8, 3, 3, 2)]
    [InlineData(ClientChoice.All, 60, 20, 20, 20)]
    internal void Clients_are_shared_out(ClientChoice choice, int clients, int raw, int dotNet, int typeScript)
    {
        var options = new CheckOptions { Client = choice, Clients = clients };

        Assert.Equal(
            (raw, dotNet, typeScript),
            (options.CountOf(ClientChoice.Raw), options.CountOf(ClientChoice.DotNet),
                options.CountOf(ClientChoice.TypeScript)));
    }

    [Theory]
    [InlineData("half-open", ProxyFault.HalfOpen)]
    [InlineData("Slice", ProxyFault.Slice)]
    internal void Faults_of_the_proxy_have_names(string name, ProxyFault fault) =>
        Assert.Equal(fault, ProxyFaults.Parse(name));
}
