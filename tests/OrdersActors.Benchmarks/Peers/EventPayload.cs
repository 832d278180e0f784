using System.Globalization;
using System.Text;

namespace OrdersActors.Benchmarks.Peers;

/// <summary>The events of the benchmark. Every server sends the same fields, about 250 bytes.</summary>
internal static class EventPayload
{
    /// <summary>The field of the details that has the time when the event should be sent.</summary>
    public static ReadOnlySpan<byte> DueField => "\"due\":"u8;

    public static string OrderId(int topic) => $"order-{topic.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>The details of an event, as a publisher sends them.</summary>
    public static string Details(long due) => $$"""{"carrier":"DHL","due":{{due}}}""";

    /// <summary>The message of a peer, which equals the message of OrdersActors.</summary>
    public static byte[] Message(Trigger trigger, long version) => Encoding.UTF8.GetBytes(
        $"{{\"type\":\"event\",\"data\":{{\"id\":\"{Id(trigger.Due)}\",\"organization_id\":\"shop\","
        + $"\"order_id\":\"{OrderId(trigger.Topic)}\",\"version\":{version},\"status\":\"moving\","
        + $"\"occurred_at\":\"{Time()}\",\"details\":{Details(trigger.Due)}}}}}");

    /// <summary>An id as long as those of the publishing library.</summary>
    public static string Id(long due) => $"019a0000-0000-7000-{due:x16}";

    public static string Time() =>
        DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
