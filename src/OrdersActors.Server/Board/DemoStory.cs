namespace OrdersActors.Server.Board;

/// <summary>The steps of a demo order, with the status and details of each.</summary>
internal static class DemoStory
{
    private static readonly string[] Baskets =
    [
        """{"items":[{"name":"Espresso","quantity":1},{"name":"Filters","quantity":2}],"total":"31.40","gift":false}""",
        """{"items":[{"name":"Trail running shoes","size":"42","quantity":1}],"total":"119.00","currency":"EUR"}""",
        """{"items":[{"name":"Desk lamp, brass","quantity":1}],"total":"64.50","currency":"EUR","gift_wrap":true}""",
        """{"items":[{"name":"Tomatoes","quantity":6},{"name":"Pots","quantity":3}],"total":"27.90","gift":true}""",
    ];

    private static readonly (string Status, string? Details)[] Steps =
    [
        ("created", null),
        ("paid", """{"method":"card","last4":"4242"}"""),
        ("packed", """{"warehouse":"north","parcels":1}"""),
        ("shipped", """{"carrier":"parcel post","tracking":"PP 5521 0937"}"""),
        ("delivered", """{"received_by":"front desk"}"""),
    ];

    /// <summary>Returns the event of a 0-based step, or null after the last step.</summary>
    public static OrderStatusEvent? Tell(string orderId, int step, DateTimeOffset now) =>
        step >= Steps.Length ? null : new()
        {
            OrderId = orderId,
            Status = Steps[step].Status,
            OccurredAt = now,
            Details = Steps[step].Details ?? Baskets[Random.Shared.Next(Baskets.Length)],
        };
}
