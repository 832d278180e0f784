namespace OrdersActors.Client.Feeds;

/// <summary>The next item for the reader of a watch: an event or a gap.</summary>
internal readonly record struct WatchItem(OrderUpdate? Update, OrderGap? Gap, int Size);
