namespace OrdersActors.EndToEndTests.NothingLost;

/// <summary>
/// For tests that need what a machine may forbid: mounting a disk, making a network. Unlike a program that is missing, that is not to be
/// mended by installing something, so they are skipped in CI as well. The reason always begins with the same words, by which a gate tells
/// them from other skips.
/// </summary>
internal static class NotPermitted
{
    public static void Skip(string what, string? error) =>
        Assert.Skip($"Not permitted on this machine: {what} ({error?.ReplaceLineEndings(" ")})");
}
