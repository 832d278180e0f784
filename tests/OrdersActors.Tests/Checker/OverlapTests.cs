using OrdersActors.Checker.Judging;

namespace OrdersActors.Tests.Checker;

/// <summary>
/// The judge's verdicts about clients that subscribe to their organization and to some of its orders.
/// </summary>
public sealed class OverlapTests
{
    private readonly SyntheticRun _run = new();
    private readonly ClientRecord _client;

    public OverlapTests() => _client = _run.Client(resumes: true, organization: true, 0);

    [Fact]
    public void Organization_may_omit_events_received_through_the_order()
    {
        Connect(organizationFrom: 2);
        _run.ReceiveOrder(_client, 0, 1, 2);
        _run.Receive(_client, 3, 4, 5, 6);
        Assert.Null(_run.Verdict);
    }

    [Fact]
    public void Organization_that_omits_other_events_is_red()
    {
        Connect(organizationFrom: 2);
        _run.ReceiveOrder(_client, 0, 1, 2);
        _run.Receive(_client, 4, 5, 6);
        Red("shop-0", "sequence 3", "sequence 4");
    }

    [Fact]
    public void Event_repeated_by_the_organization_on_the_same_connection_is_red()
    {
        Connect(organizationFrom: 2);
        _run.ReceiveOrder(_client, 0, 1, 2);
        _run.Receive(_client, 1, 2, 3, 4, 5, 6);
        Red("shop-0/order-0", "version 3", "version 1 again");
    }

    [Fact]
    public void Event_received_through_the_order_may_come_again_on_the_next_connection()
    {
        Connect(organizationFrom: 2);
        _run.ReceiveOrder(_client, 0, 1, 2);
        Connect();
        _run.Receive(_client, 1, 2, 3, 4, 5, 6);
        Assert.Null(_run.Verdict);
    }

    [Fact]
    public void Event_repeated_twice_on_the_next_connection_is_red()
    {
        Connect(organizationFrom: 2);
        _run.ReceiveOrder(_client, 0, 1, 2);
        Connect(organizationFrom: 1);
        _run.ReceiveOrder(_client, 0, 2);
        _run.Receive(_client, 1, 2, 3, 4, 5, 6);
        Red("shop-0/order-0", "version 3", "version 2 again", connection: 2);
    }

    [Fact]
    public void Event_through_the_order_that_belongs_to_the_organization_is_red()
    {
        Connect();
        _run.ReceiveOrder(_client, 0, 1);
        Red(
            "shop-0/order-0", "version 1 through the organization, which began after sequence 0",
            "version 1, sequence 1, through the order");
    }

    /// <summary>Opens a connection on which the organization is confirmed after this many events.</summary>
    private void Connect(int organizationFrom = 0)
    {
        SyntheticRun.Connect(_client);
        _client.Connections[^1].OrganizationFrom = _client.Receipts.Count + organizationFrom;
    }

    private void Red(string scope, string expected, string got, int connection = 1) =>
        Assert.Equal(new CounterExample("client", scope, expected, got, connection), _run.Verdict);
}
