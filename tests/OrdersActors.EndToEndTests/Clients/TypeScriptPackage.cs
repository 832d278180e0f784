using System.ComponentModel;
using System.Security.Cryptography;
using OrdersActors.EndToEndTests.Protocol;

namespace OrdersActors.EndToEndTests.Clients;

/// <summary>
/// The TypeScript client, copied beside the tests with the examples around it. It is installed and built there once,
/// for all tests that need it, by the first of them. Without npm they are skipped, except in CI, where they fail.
/// </summary>
internal static class TypeScriptPackage
{
    // Outside of the package: the version of the product, and the test vectors of the protocol.
    private static readonly string[] OtherFiles =
    [
        "Directory.Build.props",
        .. new[] { "messages", "sessions", "signatures", "tokens" }
            .Select(name => $"src/OrdersActors.FrontEnd/Protocol/vectors/{name}.json"),
    ];

    private static readonly string[] SourceFolders = ["scripts", "src", "test"];
    private static readonly TimeSpan InstallTimeout = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan BuildTimeout = TimeSpan.FromMinutes(3);
    private static readonly Lazy<Task> Building = new(BuildAsync);

    /// <summary>The copies of the sources, in the folders of the repository.</summary>
    public static string Repository { get; } = Path.Combine(AppContext.BaseDirectory, "Sources");

    /// <summary>The folder of the package. Its modules are in <c>dist</c>.</summary>
    public static string Folder { get; } = Path.Combine(Repository, "src", "client-typescript");

    /// <summary>Waits until the package is built.</summary>
    public static Task BuiltAsync() => Building.Value;

    /// <summary>
    /// Copies the package without what was built. <c>npm test</c> builds again, so it must not run where other tests
    /// read the built files.
    /// </summary>
    public static PackageCopy Copy()
    {
        var root = Directory.CreateTempSubdirectory("orders-client-").FullName;
        var folder = Path.Combine(root, "src", "client-typescript");
        foreach (var file in Directory.EnumerateFiles(Folder).Concat(
            SourceFolders.SelectMany(name => Directory.EnumerateFiles(
                Path.Combine(Folder, name), "*", SearchOption.AllDirectories))))
        {
            var target = Path.Combine(folder, Path.GetRelativePath(Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        foreach (var file in OtherFiles)
        {
            var target = Path.Combine(root, file);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(Path.Combine(Repository, file), target);
        }

        Directory.CreateSymbolicLink(Path.Combine(folder, "node_modules"), Path.Combine(Folder, "node_modules"));
        return new PackageCopy(root, folder);
    }

    /// <summary>Skips the test if a program is missing; fails it in CI.</summary>
    public static void Require(bool condition, string reason)
    {
        if (!condition)
        {
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") != "true", reason);
            Assert.Fail(reason);
        }
    }

    /// <summary>Runs npm in the folder of the package, and asserts that it succeeds. Returns what it printed.</summary>
    public static async Task<string> NpmAsync(TimeSpan timeout, params string[] arguments)
    {
        var (exitCode, output) = await NodeRuntime.RunAsync("npm", Folder, timeout, arguments);
        Assert.True(exitCode == 0, $"npm {string.Join(' ', arguments)} failed: {output}");
        return output;
    }

    private static async Task BuildAsync()
    {
        Require(await NodeRuntime.FindAsync() >= NodeRuntime.Least, $"Node {NodeRuntime.Least} or newer is needed");
        try
        {
            await InstallAsync();
        }
        catch (Win32Exception e)
        {
            Require(false, $"npm is needed: {e.Message}");
        }

        await NpmAsync(BuildTimeout, "run", "build");
    }

    /// <summary>Installs the tools of the lock file, unless they are installed.</summary>
    private static async Task InstallAsync()
    {
        var wanted = Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Path.Combine(Folder, "package-lock.json"))));
        var installed = Path.Combine(Folder, "node_modules", ".installed");
        if (!File.Exists(installed) || File.ReadAllText(installed) != wanted)
        {
            // With the scripts of the packages: one of them installs the Node that runs the package's tests.
            await NpmAsync(InstallTimeout, "ci", "--prefer-offline");
            File.WriteAllText(installed, wanted);
        }
    }
}

/// <summary>A copy of the package in a temporary folder, which is deleted at the end.</summary>
internal sealed record PackageCopy(string Root, string Folder) : IDisposable
{
    public void Dispose() => Directory.Delete(Root, recursive: true);
}
