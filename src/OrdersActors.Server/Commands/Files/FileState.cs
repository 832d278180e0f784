namespace OrdersActors.Server.Commands;

/// <summary>How far the publishing of a file has come.</summary>
/// <param name="Stored">How many events are stored.</param>
/// <param name="FirstOpen">The first line that is not known to be stored; all lines before it are.</param>
/// <param name="IsMoreSent">Whether lines from there on are stored, or may be.</param>
/// <param name="IsMoreSentWithoutId">Whether some of those have no id, so that a repeated call stores them twice.</param>
internal sealed record FileState(long Stored, long FirstOpen, bool IsMoreSent, bool IsMoreSentWithoutId)
{
    /// <summary>How to go on after a failure.</summary>
    public string Advice => $"go on with --from-line {FirstOpen}: all lines before it are stored" + (IsMoreSent, IsMoreSentWithoutId) switch
    {
        (false, _) => ", none after it",
        (true, false) => ", some after it may be; their ids keep them from being stored twice",
        _ => ", some after it may be, and those without an id will be stored twice",
    };
}
