namespace OrdersActors.Server.Commands;

/// <summary>What the server, or the rules, refuse for good: a retry of the same events cannot succeed.</summary>
internal static class Refusals
{
    /// <summary>The index of the refused event in its batch; null if the exception is not a refusal.</summary>
    public static int? IndexOf(Exception e) => e switch
    {
        EventConflictException conflict => conflict.Index,
        InvalidOrderEventException invalid => invalid.Index ?? 0,
        _ => null,
    };

    /// <summary>The message without the index of the event, which means nothing to the reader of a file.</summary>
    public static string WithoutIndex(Exception e)
    {
        var prefix = $"event {IndexOf(e)}: ";
        return e.Message.StartsWith(prefix, StringComparison.Ordinal) ? e.Message[prefix.Length..] : e.Message;
    }

    /// <summary>The exit code of a command that was refused.</summary>
    public static int ExitCode(Exception e) =>
        e is EventConflictException ? ServerCommandLine.Conflict : ServerCommandLine.Failed;
}
