using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Architecture;

/// <summary>The limits on the size of source files, their lines and their methods.</summary>
public partial class SourceFileTests
{
    private const int LongestLine = 120;
    private const int LongestFile = 300;
    private const int LongestMethod = 60;

    // A file with fewer lines is mostly declarations, and the tests of its users cover it.
    private const int LinesThatNeedTests = 60;
    private const int LeastPercentWithTests = 65;

    private static readonly string[] TextFiles = [".cs", ".csproj", ".props", ".sql", ".html", ".css", ".js", ".json"];

    [Fact]
    public void Lines_have_at_most_120_columns() =>
        Assert.Empty(
            from file in Files(SourceFolders.Root, TextFiles)
            where !IsReleasedScript(file) && !IsBuiltClient(file)
            from line in File.ReadLines(file).Index()
            where line.Item.Length > LongestLine && !IsJsonText(file, line.Item)
            select $"{Relative(file)}:{line.Index + 1} has {line.Item.Length} columns");

    [Fact]
    public void Files_of_the_product_have_at_most_300_lines() =>
        Assert.Empty(
            from file in Files(SourceFolders.Source, ".cs")
            let lines = File.ReadLines(file).Count()
            where lines > LongestFile
            select $"{Relative(file)} has {lines} lines");

    [Fact]
    public void Methods_of_the_product_have_at_most_60_lines() =>
        Assert.Empty(
            from file in Files(SourceFolders.Source, ".cs")
            from method in CSharpSyntaxTree.ParseText(File.ReadAllText(file)).GetRoot().DescendantNodes()
                .Where(node => node is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax
                    or AccessorDeclarationSyntax)
            let span = method.SyntaxTree.GetLineSpan(method.Span)
            let lines = span.EndLinePosition.Line - span.StartLinePosition.Line + 1
            where lines > LongestMethod
            select $"{Relative(file)}:{span.StartLinePosition.Line + 1} has {lines} lines");

    [Fact]
    public void Most_longer_files_of_the_product_have_a_test_of_the_same_name()
    {
        var tests = Files(SourceFolders.Tests, ".cs").Select(Path.GetFileNameWithoutExtension).ToHashSet();
        var longer = Files(SourceFolders.Source, ".cs")
            .Where(file => File.ReadLines(file).Count() >= LinesThatNeedTests).ToArray();
        var without = longer
            .Where(file => !tests.Contains(Path.GetFileNameWithoutExtension(file) + "Tests"))
            .Select(Relative).Order(StringComparer.Ordinal).ToArray();

        var percent = 100 * (longer.Length - without.Length) / longer.Length;

        Assert.True(
            percent >= LeastPercentWithTests,
            $"Only {percent} % of {longer.Length} files have a test of their name. These have none:\n"
            + string.Join('\n', without));
    }

    private static IEnumerable<string> Files(string folder, params string[] extensions) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => extensions.Contains(Path.GetExtension(file)) && !IsBuilt(file));

    /// <summary>Whether the file is a script that databases have recorded, so that it must not change.</summary>
    private static bool IsReleasedScript(string file) =>
        file.EndsWith(".sql", StringComparison.Ordinal)
        && Path.GetFileName(Path.GetDirectoryName(file)) == "Schema";

    /// <summary>Whether the file is the board's copy of what the TypeScript client's build makes.</summary>
    private static bool IsBuiltClient(string file) =>
        Relative(file) == Path.Combine("src", "OrdersActors.Server", "Board", "wwwroot", "orders-client.js");

    /// <summary>Whether the line has nothing but one string of a JSON file, which cannot have line breaks.</summary>
    private static bool IsJsonText(string file, string line) =>
        file.EndsWith(".json", StringComparison.Ordinal) && JsonText.IsMatch(line);

    private static bool IsBuilt(string file) =>
        Relative(file).Split(Path.DirectorySeparatorChar)
            .Any(folder => folder is "bin" or "obj" or ".git" or "node_modules" or "dist" or "TestResults");

    private static string Relative(string file) => Path.GetRelativePath(SourceFolders.Root, file);

    [GeneratedRegex("""^ *("[\w.-]+": )?"(?:[^"\\]|\\.)*",?$""")]
    private static partial Regex JsonText { get; }
}
