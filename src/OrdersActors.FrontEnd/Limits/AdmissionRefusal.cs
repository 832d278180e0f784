namespace OrdersActors.FrontEnd.Limits;

/// <summary>The reason why a connection is not admitted. The request is answered with 503 before the upgrade.</summary>
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

    public static AdmissionRefusal Unauthenticated { get; } = new(
        "unauthenticated", "Too many connections have not authenticated yet; try again in a few seconds.",
        TimeSpan.FromSeconds(5));
}
