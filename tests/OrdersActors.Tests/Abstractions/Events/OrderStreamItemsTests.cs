namespace OrdersActors.Tests.Abstractions.Events;

public sealed class OrderStreamItemsTests
{
    [Fact]
    public void Items_are_split_into_batches_in_their_order_and_normal_form()
    {
        var items = Enumerable.Range(0, 2500).Select(i => Event($"e-{i}") with { Details = "{ }" });
        var batches = OrderStreamItems.CheckBatches(OrderStreams.Namespace, "shop", items).ToArray();
        Assert.Equal([1000, 1000, 500], batches.Select(batch => batch.Length));
        Assert.Equal(Enumerable.Range(0, 2500).Select(i => $"e-{i}"), batches.SelectMany(b => b).Select(e => e.Id));
        Assert.All(batches.SelectMany(batch => batch), e => Assert.Equal("{}", e.Details));
    }

    [Fact]
    public void Invalid_item_is_found_before_the_first_batch_is_returned()
    {
        var items = Enumerable.Range(0, 1500).Select(i => Event($"e-{i}")).Append(Event("bad") with { Status = "" });
        var e = Assert.Throws<InvalidOrderEventException>(
            () => OrderStreamItems.CheckBatches(OrderStreams.Namespace, "shop", items));
        Assert.Equal(("status", 1500), (e.Field, e.Index));
    }

    [Fact]
    public void Other_namespace_and_other_items_are_refused()
    {
        Assert.Throws<ArgumentException>(() => OrderStreamItems.CheckBatches("elsewhere", "shop", [Event("e")]));
        Assert.Throws<ArgumentException>(() => OrderStreamItems.CheckBatches(OrderStreams.Namespace, "shop", ["x"]));
    }

    private static OrderStatusEvent Event(string id) => new() { OrderId = "o-1", Status = "s", Id = id };
}
