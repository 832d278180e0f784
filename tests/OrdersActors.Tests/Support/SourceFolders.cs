using System.Runtime.CompilerServices;

namespace OrdersActors.Tests.Support;

/// <summary>The folders of the source code from which the tests were built.</summary>
internal static class SourceFolders
{
    /// <summary>The repository.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Tests, ".."));

    /// <summary>The folder of the test projects.</summary>
    public static string Tests => Path.GetFullPath(Path.Combine(Here(), "..", ".."));

    /// <summary>The folder of the product's projects.</summary>
    public static string Source { get; } = Path.Combine(Root, "src");

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
