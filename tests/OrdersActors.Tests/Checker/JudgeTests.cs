using OrdersActors.Checker.Judging;

namespace OrdersActors.Tests.Checker;

/// <summary>The judge's verdicts about the log, and about clients with one kind of subscription.</summary>
public sealed class JudgeTests
{
    private readonly SyntheticRun _run = new();

    [Fact]
    public void Correct_run_is_green()
    {
        var order = _run.Client(resumes: true, organization: false, 0, 2);
        SyntheticRun.Connect(order);
        _run.ReceiveOrder(order, 0, 1, 2);
        _run.ReceiveOrder(order, 2, 1, 2);
        SyntheticRun.Connect(order);
        _run.ReceiveOrder(order, 0, 3, 4);
        WholeOrganization(1, 2, 3, 4, 5, 6);
        var live = _run.Client(resumes: false, organization: false, 0);
        SyntheticRun.Connect(live, confirmedAt: 1);
        _run.ReceiveOrder(live, 0, 2, 3);
        SyntheticRun.Connect(live, confirmedAt: 5);
        _run.ReceiveOrder(live, 0, 4);

        Assert.Null(_run.Verdict);
    }

    [Fact]
    public void Gap_is_red()
    {
        WholeOrganization(1, 2, 3, 5, 6);
        Red("shop-0", "sequence 4", "sequence 5");
    }

    [Fact]
    public void Gap_between_two_connections_is_red()
    {
        var client = _run.Client(resumes: true, organization: false, 0);
        SyntheticRun.Connect(client);
        _run.ReceiveOrder(client, 0, 1);
        SyntheticRun.Connect(client);
        _run.ReceiveOrder(client, 0, 3, 4);
        Red("shop-0/order-0", "version 2", "version 3", connection: 2);
    }

    [Fact]
    public void Repeat_is_red()
    {
        var client = _run.Client(resumes: true, organization: false, 0);
        SyntheticRun.Connect(client);
        _run.ReceiveOrder(client, 0, 1, 2, 2, 3, 4);
        Red("shop-0/order-0", "version 3", "version 2 again");
    }

    [Fact]
    public void Repeat_on_the_next_connection_is_red()
    {
        var client = _run.Client(resumes: true, organization: false, 0);
        SyntheticRun.Connect(client);
        _run.ReceiveOrder(client, 0, 1, 2);
        SyntheticRun.Connect(client);
        _run.ReceiveOrder(client, 0, 2, 3, 4);
        Red("shop-0/order-0", "version 3", "version 2 again", connection: 2);
    }

    [Fact]
    public void Swap_is_red()
    {
        WholeOrganization(1, 3, 2, 4, 5, 6);
        Red("shop-0", "sequence 2", "sequence 3");
    }

    [Fact]
    public void Event_of_another_organization_is_red()
    {
        var client = WholeOrganization(1, 2, 3, 4, 5, 6);
        var foreign = _run.Truth[1][0];
        client.Receipts.Add(new Receipt(foreign.Order, foreign.Version, foreign.Sequence, foreign.Content));
        Red("shop-1/order-0", "events of shop-0 only", "one of shop-1");
    }

    [Fact]
    public void Event_of_another_order_is_red()
    {
        var client = _run.Client(resumes: true, organization: false, 0);
        SyntheticRun.Connect(client);
        _run.ReceiveOrder(client, 2, 1);
        Red("shop-0/order-1", "events of the orders it asked for", "version 1 of another");
    }

    [Fact]
    public void Sequence_on_an_order_subscription_is_red()
    {
        var client = _run.Client(resumes: true, organization: false, 0);
        SyntheticRun.Connect(client);
        _run.Receive(client, 1);
        Red("shop-0/order-0", "a sequence only on events through the organization", "version 1 against this rule");
    }

    [Fact]
    public void Received_event_that_was_refused_is_red()
    {
        var client = WholeOrganization(1, 2, 3, 4, 5, 6);
        client.Receipts.Add(new Receipt(0, 5, 7, 99));
        Red("shop-0/order-0", "an event of the log", "version 5, which is not in the log");
    }

    [Fact]
    public void Altered_content_is_red()
    {
        var client = WholeOrganization(1, 2, 3, 4, 5, 6);
        client.Receipts[3] = client.Receipts[3] with { Content = 99 };
        Red("shop-0/order-0", "version 3 as it was published", "other content");
    }

    [Fact]
    public void Client_without_the_last_event_is_red()
    {
        WholeOrganization(1, 2, 3, 4, 5);
        Red("shop-0/order-0", "version 4 in the end", "version 3 as the last one");
    }

    [Fact]
    public void Live_client_that_begins_after_an_event_published_since_its_confirmation_is_red()
    {
        var client = _run.Client(resumes: false, organization: false, 0);
        SyntheticRun.Connect(client, confirmedAt: 1);
        _run.ReceiveOrder(client, 0, 3, 4);
        Red(
            "shop-0/order-0", "version 2 or an earlier one first, because it was published after the confirmation",
            "version 3");
    }

    [Fact]
    public void Open_live_connection_that_received_nothing_is_red()
    {
        var client = _run.Client(resumes: false, organization: true);
        SyntheticRun.Connect(client, confirmedAt: 4);
        Red("shop-0", "sequence 5 to 6", "nothing");
    }

    [Fact]
    public void Live_client_whose_connection_ended_may_lack_the_last_events()
    {
        var client = _run.Client(resumes: false, organization: true);
        SyntheticRun.Connect(client, confirmedAt: 1);
        _run.Receive(client, 2, 3);
        SyntheticRun.Connect(client, confirmedAt: 100);
        Assert.Null(_run.Verdict);
    }

    private ClientRecord WholeOrganization(params int[] sequences)
    {
        var client = _run.Client(resumes: true, organization: true);
        SyntheticRun.Connect(client);
        _run.Receive(client, sequences);
        return client;
    }

    private void Red(string scope, string expected, string got, int connection = 1) =>
        Assert.Equal(new CounterExample("client", scope, expected, got, connection), _run.Verdict);
}
