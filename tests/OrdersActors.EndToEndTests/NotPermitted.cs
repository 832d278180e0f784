namespace OrdersActors.EndToEndTests;

/// <summary>
/// Skips tests that need what a machine may deny: to mount a disk, to make a network, the git history. Unlike a missing
/// program, this cannot be fixed by an installation, so these tests are skipped in CI as well. The reason always begins
/// with the same words, by which the gate distinguishes these skips from others.
/// </summary>
internal static class NotPermitted
{
    public static void Skip(string what, string? error) =>
        Assert.Skip($"Not permitted on this machine: {what} ({error?.ReplaceLineEndings(" ")})");
}
