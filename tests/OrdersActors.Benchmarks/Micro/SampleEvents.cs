namespace OrdersActors.Benchmarks.Micro;

/// <summary>The events of the benchmarks: about 250 bytes, like those of <c>peers</c>.</summary>
internal static class SampleEvents
{
    public const string Organization = "shop";
    public const string Epoch = "AAAAAAAA";

    public static OrderEvent Stored(long number) => new()
    {
        OrganizationId = Organization,
        OrderId = "order-1001",
        Version = number,
        Sequence = number,
        Id = "019a0000-0000-7000-8000-000000000001",
        Status = "out_for_delivery",
        OccurredAt = DateTimeOffset.UnixEpoch.AddYears(56),
        Details = """{"carrier":"DHL","tracking":"00340434161094042557"}""",
        Epoch = Epoch,
    };

    public static OrderStatusEvent New(int order) => new()
    {
        OrderId = $"order-{order}",
        Id = OrderStatusEvent.NewId(),
        Status = "out_for_delivery",
        Details = """{"carrier":"DHL","tracking":"00340434161094042557"}""",
    };
}
