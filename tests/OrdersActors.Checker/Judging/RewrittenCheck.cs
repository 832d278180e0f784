namespace OrdersActors.Checker.Judging;

/// <summary>
/// Checks a connection that was served from a history that was rewritten later. Its events may be gone from the log, so
/// they are not compared with it. The server must have closed such a connection, so that the client notices.
/// </summary>
internal static class RewrittenCheck
{
    public static CounterExample? Find(ClientRecord client, ConnectionRecord connection, string scope) =>
        connection.LivedToEnd
            ? new(
                client.Name, scope,
                $"its connection to be closed, because history was rewritten after epoch {connection.Epoch}",
                "a connection that lived to the end", connection.Number)
            : null;
}
