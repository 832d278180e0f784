namespace OrdersActors.Server.Commands;

/// <summary>The exit codes of commands whose events were refused (<see cref="EventRefusal"/>).</summary>
internal static class Refusals
{
    public static int ExitCode(Exception e) =>
        e is EventConflictException ? ServerCommandLine.Conflict : ServerCommandLine.Failed;
}
