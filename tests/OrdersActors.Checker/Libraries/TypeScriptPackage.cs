namespace OrdersActors.Checker.Libraries;

/// <summary>Finds the built TypeScript client, and the Node that it brings.</summary>
/// <param name="Node">The executable of Node.</param>
/// <param name="Module">The module of the client.</param>
internal sealed record TypeScriptPackage(string Node, string Module)
{
    private static readonly string Place = Path.Combine("src", "client-typescript");

    /// <exception cref="FileNotFoundException">
    /// It is not installed or not built. The message says what to do.
    /// </exception>
    public static TypeScriptPackage Find(string? folder)
    {
        folder ??= FindInRepository();
        var package = new TypeScriptPackage(
            Path.Combine(folder, "node_modules", "node", "bin", OperatingSystem.IsWindows() ? "node.exe" : "node"),
            Path.Combine(folder, "dist", "index.js"));
        foreach (var file in new[] { package.Node, package.Module })
        {
            if (!File.Exists(file))
            {
                throw new FileNotFoundException(
                    $"The TypeScript client needs {file}. Run 'npm ci' and 'npm run build' in {folder}.", file);
            }
        }

        return package;
    }

    private static string FindInRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Directory.Exists(Path.Combine(folder.FullName, Place)))
            {
                return Path.Combine(folder.FullName, Place);
            }
        }

        throw new FileNotFoundException(
            $"There is no {Place} above {AppContext.BaseDirectory}. Name the folder with --typescript-folder.");
    }
}
