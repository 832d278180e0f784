namespace OrdersActors.Server.Commands.Doctor;

/// <summary>A result of <c>doctor</c>.</summary>
/// <param name="Check">The name of the check, such as <c>ports</c>. It never changes.</param>
/// <param name="State">Whether something is wrong.</param>
/// <param name="Message">What was found, in one line.</param>
/// <param name="Fix">The remedy; null if there is no problem.</param>
internal sealed record Finding(string Check, FindingState State, string Message, string? Fix = null);

/// <summary>Whether something is wrong.</summary>
internal enum FindingState
{
    /// <summary>Nothing is wrong.</summary>
    Ok,

    /// <summary>The check does not apply to these settings, or it depends on another one that failed.</summary>
    Skipped,

    /// <summary>Something will need an operator, but the server works. Does not change the exit code.</summary>
    Warning,

    /// <summary>The server does not start, or does not work as configured.</summary>
    Problem,
}
