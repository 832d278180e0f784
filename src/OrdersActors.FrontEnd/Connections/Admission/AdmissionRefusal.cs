namespace OrdersActors.FrontEnd.Connections.Admission;

/// <summary>Why a connection is not admitted: answered with 503 before the upgrade.</summary>
/// <param name="Limit">The limit's name in metrics.</param>
/// <param name="Reason">The body of the answer.</param>
/// <param name="RetryAfter">When the client may try again.</param>
internal sealed record AdmissionRefusal(string Limit, string Reason, TimeSpan RetryAfter)
{
    public static AdmissionRefusal Stopping { get; } =
        new("stopping", "This server is stopping; connect again.", TimeSpan.FromSeconds(1));

    public static AdmissionRefusal Total { get; } =
        new("total", "This server has as many connections as it may have; try again later.", TimeSpan.FromSeconds(30));

    public static AdmissionRefusal Address { get; } =
        new("address", "Your address has as many connections as it may have; close one, or try again later.",
            TimeSpan.FromSeconds(30));

    public static AdmissionRefusal Unauthenticated { get; } = new(
        "unauthenticated", "Too many connections have not authenticated yet; try again in some seconds.",
        TimeSpan.FromSeconds(5));
}
