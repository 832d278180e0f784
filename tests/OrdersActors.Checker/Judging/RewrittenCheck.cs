namespace OrdersActors.Checker.Judging;

/// <summary>
/// A connection that was served from a history that has been rewritten since. Its events may be gone from the log, so they are
/// not compared with it. The client must have been notified: the server closes such a connection.
/// </summary>
internal static class RewrittenCheck
{
    public static CounterExample? Find(ClientRecord client, ConnectionRecord connection, string scope) => connection.LivedToEnd
        ? new(client.Name, scope, $"its connection to be closed, history was rewritten after epoch {connection.Epoch}",
            "a connection that lived to the end", connection.Number)
        : null;
}
