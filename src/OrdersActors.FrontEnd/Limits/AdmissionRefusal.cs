namespace OrdersActors.FrontEnd.Limits;

/// <summary>
/// The reason why a connection is not admitted. The request is answered with 503 before the upgrade. The owner of a
/// WebSocket is known only at its connect, so the limits per owner refuse the connect.
/// </summary>
/// <param name="Limit">The limit's name in metrics.</param>
/// <param name="Reason">The body of the answer.</param>
/// <param name="RetryAfter">When the client may try again.</param>
internal sealed record AdmissionRefusal(string Limit, string Reason, TimeSpan RetryAfter)
{
    public static AdmissionRefusal Stopping { get; } =
        new("stopping", "This server is stopping; connect again.", TimeSpan.FromSeconds(1));

    public static AdmissionRefusal Total { get; } =
        new("total", "This server has reached its limit of connections; try again later.", TimeSpan.FromSeconds(30));

    public static AdmissionRefusal Address { get; } =
        new("address", "Your address has reached its limit of connections; close one, or try again later.",
            TimeSpan.FromSeconds(30));

    public static AdmissionRefusal Rate { get; } = new(
        "rate", "This server gets too many new connections at the moment; try again in a few seconds.",
        TimeSpan.FromSeconds(2));

    public static AdmissionRefusal Organization { get; } = new(
        "organization", "your organization has reached its limit of connections; close one, or try again later",
        TimeSpan.FromSeconds(30));

    public static AdmissionRefusal Key { get; } = new(
        "key", "this API key has reached its limit of connections; close one, or try again later",
        TimeSpan.FromSeconds(30));

    public static AdmissionRefusal Customer { get; } = new(
        "customer", "this customer has reached the limit of connections; close one, or try again later",
        TimeSpan.FromSeconds(30));

    public static AdmissionRefusal Unauthenticated { get; } = new(
        "unauthenticated", "Too many connections have not authenticated yet; try again in a few seconds.",
        TimeSpan.FromSeconds(5));
}
