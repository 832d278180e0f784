namespace OrdersActors.Http.CloudEvents;

/// <summary>
/// The attributes and the data of a CloudEvent (version 1.0), and how they make an event of an order:
/// <c>id</c> → id, <c>subject</c> → order_id, <c>time</c> → occurred_at, <c>data.status</c> → status, the other fields
/// of <c>data</c> → details.
/// </summary>
/// <remarks>
/// <para><c>source</c> and <c>type</c> are required, as the specification demands, but not stored. The same holds for
/// extension attributes, because tracing adds them to any event. The <c>id</c> alone must be unique in the
/// organization.</para>
/// <para>The type is not the status: it usually names a class of events, and a company that renames its types must not
/// thereby change what customers see.</para>
/// This API reads CloudEvents itself. The library CloudNative.CloudEvents builds a document and an object per attribute
/// before it checks anything, and its errors name neither the field nor the index.
/// </remarks>
internal sealed class CloudEvent
{
    public string? SpecVersion { get; set; }

    public string? Id { get; set; }

    public string? Source { get; set; }

    public string? Type { get; set; }

    public string? Subject { get; set; }

    public string? Time { get; set; }

    public string? DataContentType { get; set; }

    /// <summary>The data's status; null if the data has none.</summary>
    public string? Status { get; set; }

    /// <summary>The data's other fields as a JSON object; null if there are none.</summary>
    public string? Details { get; set; }

    /// <summary>Sets an attribute, if it has a meaning here. Names are case-sensitive.</summary>
    public void Set(string name, string? value)
    {
        switch (name)
        {
            case "specversion":
                SpecVersion = value;
                break;
            case "id":
                Id = value;
                break;
            case "source":
                Source = value;
                break;
            case "type":
                Type = value;
                break;
            case "subject":
                Subject = value;
                break;
            case "time":
                Time = value;
                break;
            case "datacontenttype":
                DataContentType = value;
                break;
        }
    }

    /// <summary>Makes the event of the order.</summary>
    /// <param name="prefix">What stands before the names of the attributes.</param>
    /// <exception cref="InvalidOrderEventException">
    /// An attribute is missing or wrong. The field is that of the event, or an attribute without such a field.
    /// </exception>
    public EventInput ToInput(string prefix = "")
    {
        if (SpecVersion != "1.0")
        {
            throw new InvalidOrderEventException(prefix + "specversion", "must be 1.0");
        }

        Require(prefix + "source", Source);
        Require(prefix + "type", Type);
        if (DataContentType is { } type && !IsJson(type))
        {
            throw new InvalidOrderEventException("datacontenttype", "must be application/json");
        }

        var e = new OrderStatusEvent
        {
            Id = Id ?? "",
            OrderId = Subject ?? "",
            Status = Status ?? "",
            OccurredAt = Time is null ? DateTimeOffset.UtcNow : OrderEventRules.ReadOccurredAt(Time),
            Details = Details,
        };
        return new EventInput(null, e, HasId: true);
    }

    private static void Require(string attribute, string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            throw new InvalidOrderEventException(attribute, "must not be empty");
        }
    }

    private static bool IsJson(string type)
    {
        var media = type.Split(';')[0].Trim();
        return media.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || media.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }
}
