using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OrdersActors.Server.Commands.Orders;

/// <summary>An event as text for people and for programs.</summary>
internal static class EventLine
{
    // In characters. Longer details are cut for people; programs get all of them.
    private const int MaxDetails = 60;

    public static string[] Columns { get; } =
        ["SEQUENCE", "ORDER", "VERSION", "STATUS", "OCCURRED AT", "ID", "DETAILS"];

    /// <summary>The cells of a table, in the order of <see cref="Columns"/>.</summary>
    public static string[] Cells(EncodedOrderEvent e)
    {
        using var json = JsonDocument.Parse(e.Json);
        var root = json.RootElement;
        var details = root.TryGetProperty("details", out var value) ? value.GetRawText() : "";
        return
        [
            e.Sequence.ToString(CultureInfo.InvariantCulture),
            e.OrderId,
            e.Version.ToString(CultureInfo.InvariantCulture),
            root.GetProperty("status").GetString()!,
            root.GetProperty("occurred_at").GetString()!,
            root.GetProperty("id").GetString()!,
            details.Length > MaxDetails ? details[..MaxDetails] + "…" : details,
        ];
    }

    /// <summary>The JSON that an organization-wide subscription gets.</summary>
    public static string Json(EncodedOrderEvent e)
    {
        var buffer = new ArrayBufferWriter<byte>(e.Json.Length + 32);
        OrderEventJson.WriteWithSequence(e, buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
