using System.Diagnostics;

namespace OrdersActors.Client.Connections;

/// <summary>
/// One activity for each attempt to connect; it lasts as long as the connection. Source: <c>OrdersActors.Client</c>.
/// </summary>
internal static class ClientActivity
{
    public const string SourceName = "OrdersActors.Client";

    private static readonly ActivitySource Source = new(SourceName);

    public static Activity? Start(Uri address) => Source.StartActivity("orders connection", ActivityKind.Client)?
        .SetTag("server.address", address.Host)
        .SetTag("server.port", address.Port);

    public static void SetConnected(Activity? activity) => activity?.AddEvent(new ActivityEvent("connected"));

    public static void Set(Activity? activity, SessionEnd end)
    {
        activity?.SetTag("websocket.close_status", end.Status);
        if (end.Kind is SessionEndKind.Failure or SessionEndKind.Unauthorized)
        {
            activity?.SetTag("error.type", end.Reason?.Code is { Length: > 0 } code ? code : "connection_lost");
            activity?.SetStatus(ActivityStatusCode.Error, end.Reason?.Message);
        }
    }

    public static void SetFailed(Activity? activity, string reason) =>
        activity?.SetTag("error.type", "not_connected").SetStatus(ActivityStatusCode.Error, reason);
}
