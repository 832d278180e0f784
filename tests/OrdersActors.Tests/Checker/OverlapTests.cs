using OrdersActors.Checker.Judging;

namespace OrdersActors.Tests.Checker;

/// <summary>What the judge says of clients that are subscribed to their organization and to single orders of it.</summary>
public sealed class OverlapTests
{
    private readonly SyntheticRun _run = new();
    private readonly ClientRecord _client;

    public OverlapTests() => _client = _run.Client(resumes: true, organization: true, 0);

    [Fact]
    public void What_came_through_the_order_may_be_left_out_by_the_organization()
    {
        Connect(organizationFrom: 2);
        _run.ReceiveOrder(_client, 0, 1, 2);
        _run.Receive(_client, 3, 4, 5, 6);
        Assert.Null(_run.Verdict);
    }

    [Fact]
    public void What_the_organization_leaves_out_without_reason_is_red()
    {
        Connect(organizationFrom: 2);
        _run.ReceiveOrder(_client, 0, 1, 2);
        _run.Receive(_client, 4, 5, 6);
        Red("shop-0", "sequence 3", "sequence 4");
    }

    [Fact]
    public void What_came_through_the_order_and_comes_again_on_the_connection_is_red()
    {
        Connect(organizationFrom: 2);
        _run.ReceiveOrder(_client, 0, 1, 2);
        _run.Receive(_client, 1, 2, 3, 4, 5, 6);
        Red("shop-0/order-0", "version 3", "version 1 again");
    }

    [Fact]
    public void What_came_through_the_order_may_come_once_more_on_the_next_connection()
    {
        Connect(organizationFrom: 2);
        _run.ReceiveOrder(_client, 0, 1, 2);
        Connect();
        _run.Receive(_client, 1, 2, 3, 4, 5, 6);
        Assert.Null(_run.Verdict);
    }

    [Fact]
    public void What_comes_twice_more_on_the_next_connection_is_red()
    {
        Connect(organizationFrom: 2);
        _run.ReceiveOrder(_client, 0, 1, 2);
        Connect(organizationFrom: 1);
        _run.ReceiveOrder(_client, 0, 2);
        _run.Receive(_client, 1, 2, 3, 4, 5, 6);
        Red("shop-0/order-0", "version 3", "version 2 again", connection: 2);
    }

    [Fact]
    public void What_is_the_organizations_to_bring_and_comes_through_the_order_is_red()
    {
        Connect();
        _run.ReceiveOrder(_client, 0, 1);
        Red("shop-0/order-0", "version 1 through the organization, which began after sequence 0", "it, sequence 1, through the order");
    }

    /// <summary>A connection on which the organization is confirmed after so many events.</summary>
    private void Connect(int organizationFrom = 0)
    {
        SyntheticRun.Connect(_client);
        _client.Connections[^1].OrganizationFrom = _client.Receipts.Count + organizationFrom;
    }

    private void Red(string scope, string expected, string got, int connection = 1) =>
        Assert.Equal(new CounterExample("client", scope, expected, got, connection), _run.Verdict);
}
