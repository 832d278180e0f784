namespace OrdersActors.Client.Feeds;

/// <summary>What a reader of a watch gets next: an event or a gap.</summary>
internal readonly record struct WatchItem(OrderUpdate? Update, OrderGap? Gap, int Size);
