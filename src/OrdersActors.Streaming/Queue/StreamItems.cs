namespace OrdersActors.Streaming;
internal static class StreamItems
{
    public static (string, OrderStatusEvent[]) Check<T>(StreamId streamId, IEnumerable<T> events)
    {
        var items = events.Cast<OrderStatusEvent>().ToArray();
        var org = streamId.GetKeyAsString();
        foreach (var i in items) { OrderEventRules.Check(org, i); }
        return (org, items);
    }
}
