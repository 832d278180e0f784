namespace OrdersActors.Tests.Support;

/// <summary>Compares a description with a file in this project, so that each change is visible in a review.</summary>
internal static class Snapshot
{
    /// <summary>
    /// Fails if the file differs from the text. The received text is written beside the file, as <c>.received.txt</c>.
    /// If the change is intended and compatible, it replaces the file.
    /// </summary>
    /// <param name="path">The file, relative to the folder of the test project.</param>
    /// <param name="received">The present description.</param>
    public static void Verify(string path, string received)
    {
        var file = Path.Combine(SourceFolders.Tests, "OrdersActors.Tests", path);
        var approved = File.Exists(file) ? File.ReadAllText(file) : "";
        if (received == approved)
        {
            return;
        }

        var receivedFile = Path.ChangeExtension(file, ".received.txt");
        File.WriteAllText(receivedFile, received);
        Assert.Fail(
            $"{path} differs from what this version has. If the change is intended and the previous version can still "
            + $"run beside this one, replace the file by {receivedFile}.\n{Difference(approved, received)}");
    }

    private static string Difference(string approved, string received)
    {
        var (before, now) = (approved.Split('\n'), received.Split('\n'));
        return string.Join('\n', before.Except(now).Select(line => $"- {line}")
            .Concat(now.Except(before).Select(line => $"+ {line}")));
    }
}
