using OrdersActors.Client.Protocol;

namespace OrdersActors.Client.Connections;

/// <summary>Why a session ended.</summary>
/// <param name="Kind">The next step of the client.</param>
/// <param name="Status">The status with which the server closed; 1006 if the connection broke.</param>
/// <param name="Reason">The error that the server gave as the reason; null if it gave none.</param>
internal sealed record SessionEnd(SessionEndKind Kind, int Status = ClientSocket.Broken, ServerError? Reason = null)
{
    public static SessionEnd Idle { get; } = new(SessionEndKind.Idle, 1000);

    public static SessionEnd Renewal { get; } = new(SessionEndKind.Renewal, 1000);

    /// <summary>The client ends a connection that it cannot use.</summary>
    public static SessionEnd Fault(string message) =>
        new(SessionEndKind.Failure, Reason: new ServerError("", message));

    public override string ToString() =>
        Reason is null ? $"{Status}" : $"{Status}: {$"{Reason.Code} {Reason.Message}".Trim().TrimEnd('.')}";
}

/// <summary>The step of the client after a session.</summary>
internal enum SessionEndKind
{
    /// <summary>It comes back with back-off, unless that is pointless.</summary>
    Failure,

    /// <summary>It waits for a watch.</summary>
    Idle,

    /// <summary>It connects again at once.</summary>
    Renewal,

    /// <summary>It stops: the application refuses further credentials.</summary>
    Unauthorized,
}
