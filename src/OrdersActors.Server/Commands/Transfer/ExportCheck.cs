using System.Text.Json;
using OrdersActors.Server.Hosting;
using OrdersActors.Storage.Transfer;

namespace OrdersActors.Server.Commands.Transfer;

/// <summary>
/// Checks the lines of an export: their order, their number, the numbers of the events, the rules for events, and the
/// hash at the end.
/// </summary>
internal sealed class ExportCheck(string path)
{
    public const string Organization = "organization";
    public const string Order = "order";
    public const string Event = "event";
    public const string Last = "end";

    private long _orders;
    private long _events;
    private long _sequence;
    private bool _hasEnd;

    /// <summary>The header; null before the first line.</summary>
    public ExportHeader? Header { get; private set; }

    /// <summary>Checks the next line. Returns whether it is an event.</summary>
    /// <param name="number">The 1-based number of the line.</param>
    /// <param name="line">The line without its end.</param>
    /// <param name="hash">Returns the hash of the lines before.</param>
    /// <exception cref="StartupException">The line is wrong. The message names it.</exception>
    public bool Add(long number, ReadOnlyMemory<byte> line, Func<string> hash)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return Add(json.RootElement, hash);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException or InvalidDataException or InvalidOrderEventException)
        {
            throw new StartupException($"{path}, line {number}: {ConsoleLogging.OneLine(e.Message)}");
        }
    }

    /// <summary>Checks that nothing is missing, and returns the header.</summary>
    /// <exception cref="StartupException">The file is incomplete.</exception>
    public ExportHeader End() => Header is not null && _hasEnd
        ? Header
        : throw new StartupException($"{path} is incomplete: its last line is missing; export it again");

    public static KnownOrder ReadOrder(JsonElement data) =>
        new(data.GetProperty("order_id").GetString()!, data.GetProperty("version").GetInt64());

    public static OrderEvent ReadEvent(JsonElement data) => new()
    {
        OrganizationId = data.GetProperty("organization_id").GetString()!,
        OrderId = data.GetProperty("order_id").GetString()!,
        Version = data.GetProperty("version").GetInt64(),
        Sequence = data.GetProperty("sequence").GetInt64(),
        Id = data.GetProperty("id").GetString()!,
        Status = data.GetProperty("status").GetString()!,
        OccurredAt = Rfc3339.TryParse(data.GetProperty("occurred_at").GetString(), out var time)
            ? time
            : throw new InvalidDataException("occurred_at is not a time"),
        Details = data.TryGetProperty("details", out var details) ? details.GetRawText() : null,
    };

    private bool Add(JsonElement line, Func<string> hash)
    {
        var (type, data) = (line.GetProperty("type").GetString(), line.GetProperty("data"));
        if (_hasEnd)
        {
            throw new InvalidDataException("there is a line after the end");
        }

        if (Header is null)
        {
            Header = ReadHeader(type, data);
            return false;
        }

        switch (type)
        {
            case Order when _events == 0:
                _orders++;
                OrderEventRules.CheckOrganizationId(Header.OrganizationId);
                return ReadOrder(data).Version > 0
                    ? false
                    : throw new InvalidDataException("the version of an order must be at least 1");
            case Event:
                Check(ReadEvent(data));
                return true;
            case Last:
                CheckEnd(data, hash());
                return false;
            default:
                throw new InvalidDataException($"the type '{type}' is not expected here");
        }
    }

    private static ExportHeader ReadHeader(string? type, JsonElement data)
    {
        if (type != Organization)
        {
            throw new InvalidDataException("the first line is not that of an export");
        }

        var header = data.Deserialize(TransferJson.Default.ExportHeader)!;
        return header.Format > ExportHeader.CurrentFormat
            ? throw new InvalidDataException(
                $"the export has format {header.Format}, this program knows up to {ExportHeader.CurrentFormat}")
            : header;
    }

    private void Check(OrderEvent e)
    {
        OrderEventRules.Normalize(e.OrganizationId, new OrderStatusEvent
        {
            Id = e.Id,
            OrderId = e.OrderId,
            Status = e.Status,
            OccurredAt = e.OccurredAt,
            Details = e.Details,
        });
        if (e.OrganizationId != Header!.OrganizationId)
        {
            throw new InvalidDataException($"the event belongs to the organization {e.OrganizationId}");
        }

        // The feed has no gaps. Events before it are kept only for their orders.
        var isNext = e.Sequence > Header.Earliest ? e.Sequence == _sequence + 1 : e.Sequence > _sequence;
        if (!isNext || e.Sequence > Header.Sequence || e.Version < 1)
        {
            throw new InvalidDataException($"the sequence {e.Sequence} does not follow {_sequence}");
        }

        _sequence = e.Sequence;
        _events++;
    }

    private void CheckEnd(JsonElement data, string hash)
    {
        _hasEnd = true;
        if (data.GetProperty("sha256").GetString() != hash)
        {
            throw new InvalidDataException("the hash does not fit: the file was changed or damaged; export it again");
        }

        if (_orders != Header!.Orders || _events != Header.Events)
        {
            throw new InvalidDataException(
                $"the file has {_orders} orders and {_events} events instead of {Header.Orders} and {Header.Events}");
        }
    }
}
