namespace OrdersActors.Http.Publishing;

/// <summary>
/// The names that a format has for the fields of an event, so that an error names the field as the client wrote it.
/// </summary>
internal sealed record EventFields(string Id, string OrderId, string Status, string OccurredAt, string Details)
{
    public static EventFields Native { get; } = new("id", "order_id", "status", "occurred_at", "details");

    /// <summary>The names in a CloudEvent's JSON.</summary>
    public static EventFields CloudEvent { get; } = new("id", "subject", "data.status", "time", "data");

    /// <summary>The names of a CloudEvent's headers, and of the fields of its body.</summary>
    public static EventFields BinaryCloudEvent { get; } = new("ce-id", "ce-subject", "status", "ce-time", "data");

    /// <summary>Returns the client's name for a field.</summary>
    public string NameOf(string field) => field switch
    {
        "id" => Id,
        "order_id" => OrderId,
        "status" => Status,
        "occurred_at" => OccurredAt,
        "details" => Details,
        _ => field,
    };
}
