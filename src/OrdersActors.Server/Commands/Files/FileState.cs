namespace OrdersActors.Server.Commands.Files;

/// <summary>The progress of publishing a file.</summary>
/// <param name="Stored">The number of stored events.</param>
/// <param name="FirstOpen">The first line that is not known to be stored. All lines before it are stored.</param>
/// <param name="IsMoreSent">Whether this line or later ones are stored, or may be.</param>
/// <param name="IsMoreSentWithoutId">
/// Whether some of those have no id, so that a repeated call stores them twice.
/// </param>
internal sealed record FileState(long Stored, long FirstOpen, bool IsMoreSent, bool IsMoreSentWithoutId)
{
    /// <summary>Tells the user how to continue after a failure.</summary>
    public string Advice => $"continue with --from-line {FirstOpen}: all lines before it are stored"
        + (IsMoreSent, IsMoreSentWithoutId) switch
        {
            (false, _) => ", none after it",
            (true, false) => ", some after it may be; their ids keep them from being stored twice",
            _ => ", some after it may be, and those without an id will be stored twice",
        };
}
