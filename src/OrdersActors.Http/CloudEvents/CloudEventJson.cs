using System.Buffers;
using System.Text;
using System.Text.Json;

namespace OrdersActors.Http.CloudEvents;

/// <summary>Reads a CloudEvent in structured mode from JSON.</summary>
internal static class CloudEventJson
{
    private static readonly string[] Known =
        ["specversion", "id", "source", "type", "subject", "time", "datacontenttype", "data", "data_base64"];

    /// <summary>Reads the object at whose start the reader is, to its end.</summary>
    /// <param name="reader">A reader with <see cref="OrderStatusEventJson.ReaderOptions"/>.</param>
    /// <param name="json">The whole text of the reader.</param>
    /// <exception cref="InvalidOrderEventException">An attribute or the data is missing or wrong.</exception>
    public static EventInput Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        var cloudEvent = new CloudEvent();
        var seen = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = OrderStatusEventJson.FindName(ref reader, Known, ref seen);
            reader.Read();
            switch (name)
            {
                case "data":
                    ReadData(ref reader, json, cloudEvent, "data", "data.");
                    break;
                case "data_base64":
                    throw new InvalidOrderEventException(name, "is not supported; expected data with a JSON object");
                case null:
                    reader.Skip(); // An extension attribute.
                    break;
                default:
                    cloudEvent.Set(name, OrderStatusEventJson.Text(ref reader, name));
                    break;
            }
        }

        return cloudEvent.ToInput();
    }

    /// <summary>Reads the data at which the reader is. It must be an object.</summary>
    /// <param name="reader">A reader with <see cref="OrderStatusEventJson.ReaderOptions"/>.</param>
    /// <param name="json">The whole text of the reader.</param>
    /// <param name="cloudEvent">Receives the status and the details.</param>
    /// <param name="name">The client's name for the data.</param>
    /// <param name="prefix">What stands before the names of the data's fields.</param>
    /// <exception cref="InvalidOrderEventException">It is not an object, or its status is wrong.</exception>
    public static void ReadData(
        ref Utf8JsonReader reader, ReadOnlySpan<byte> json, CloudEvent cloudEvent, string name, string prefix)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new InvalidOrderEventException(name, "must be a JSON object");
        }

        ArrayBufferWriter<byte>? details = null;
        var hasStatus = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var start = (int)reader.TokenStartIndex;
            var isStatus = reader.ValueTextEquals("status"u8);
            reader.Read();
            if (isStatus)
            {
                cloudEvent.Status = hasStatus
                    ? throw new InvalidOrderEventException(prefix + "status", "must not be repeated")
                    : OrderStatusEventJson.Text(ref reader, prefix + "status");
                hasStatus = true;
                continue;
            }

            reader.Skip();
            details ??= new ArrayBufferWriter<byte>();
            details.Write(details.WrittenCount == 0 ? "{"u8 : ","u8);
            details.Write(json[start..(int)reader.BytesConsumed]);
        }

        if (details is not null)
        {
            details.Write("}"u8);
            cloudEvent.Details = Encoding.UTF8.GetString(details.WrittenSpan);
        }
    }
}
