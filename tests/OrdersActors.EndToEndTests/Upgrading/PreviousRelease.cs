using System.ComponentModel;
using System.Diagnostics;
using System.Formats.Tar;
using OrdersActors.EndToEndTests.Packages;

namespace OrdersActors.EndToEndTests.Upgrading;

/// <summary>
/// The previous release, built from the git history. <c>previous-release.txt</c> names it. The build is kept in the
/// temporary folder, in a folder named after the commit, so a machine builds each release once.
/// </summary>
internal sealed record PreviousRelease(string Version, string Commit)
{
    // The server is built from these files.
    private static readonly string[] Sources =
        ["src", "silo-config", ".editorconfig", "Directory.Build.props", "Directory.Packages.props", "global.json"];

    private static readonly TimeSpan GitTimeout = TimeSpan.FromMinutes(1);

    // The tests of a run share one build.
    private static readonly Lazy<Task<string>> Built = new(() => Task.Run(() => Read().BuildAsync()));

    /// <summary>The release that the file names.</summary>
    public static PreviousRelease Named { get; } = Read();

    private static string Releases { get; } = Path.Combine(Path.GetTempPath(), "orders-actors-releases");

    private string Folder => Path.Combine(Releases, Commit);

    private static string Executable(string folder) => Path.Combine(folder, "OrdersActors.Server.dll");

    /// <summary>
    /// The path of its OrdersActors.Server.dll. Skips the test if this copy of the repository has no history.
    /// </summary>
    public static async Task<string> BuiltAsync()
    {
        if (!File.Exists(Executable(Named.Folder)) && await Named.MissesCommitAsync() is { } reason)
        {
            NotPermitted.Skip(
                $"version {Named.Version} cannot be built, because git has no commit {Named.Commit} here, as in a "
                + "shallow clone", reason);
        }

        return await Built.Value;
    }

    private static PreviousRelease Read()
    {
        var line = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Upgrading", "previous-release.txt"))
            .Single(line => !line.StartsWith('#'));
        return line.Split(' ') is [var version, var commit]
            ? new PreviousRelease(version, commit)
            : throw new InvalidDataException($"'{line}' is not a version and a commit");
    }

    /// <summary>Why git cannot read the commit; null if it can.</summary>
    private async Task<string?> MissesCommitAsync()
    {
        var start = new ProcessStartInfo("git", GitArguments("cat-file", "-e", $"{Commit}^{{tree}}"))
        {
            RedirectStandardError = true,
        };
        try
        {
            using var git = Process.Start(start)!;
            var error = git.StandardError.ReadToEndAsync();
            await git.WaitForExitAsync().WaitAsync(GitTimeout);
            return git.ExitCode == 0 ? null : (await error).Trim();
        }
        catch (Win32Exception e)
        {
            return e.Message;
        }
    }

    private async Task<string> BuildAsync()
    {
        if (!File.Exists(Executable(Folder)))
        {
            var parent = OperatingSystem.IsWindows()
                ? Directory.CreateDirectory(Releases)
                : Directory.CreateDirectory(Releases, UnixFileMode.UserRead | UnixFileMode.UserWrite
                    | UnixFileMode.UserExecute);
            var work = parent.CreateSubdirectory($"{Guid.NewGuid():N}").FullName;
            try
            {
                await BuildAsync(work);
            }
            finally
            {
                Directory.Delete(work, recursive: true);
            }
        }

        return Executable(Folder);
    }

    /// <summary>Builds in a folder of its own. So an interrupted build is never taken for a complete one.</summary>
    private async Task BuildAsync(string work)
    {
        var archive = Path.Combine(work, "sources.tar");
        var sources = Path.Combine(work, "sources");
        var output = Path.Combine(work, "output");
        await PackedFeed.RunAsync(work, "git", GitArguments(["archive", "-o", archive, Commit, "--", .. Sources]));
        Directory.CreateDirectory(sources);
        await TarFile.ExtractToDirectoryAsync(archive, sources, overwriteFiles: false);
        // Its code was checked when it was released. A warning of today must not fail the build.
        await PackedFeed.RunAsync(
            sources, "dotnet", "build", "src/OrdersActors.Server", "-c", "Release", "-o", output, "-nologo",
            "-nodeReuse:false", "-p:RunAnalyzers=false", "-p:TreatWarningsAsErrors=false", "-p:NuGetAudit=false");
        try
        {
            Directory.Move(output, Folder);
        }
        catch (IOException) when (File.Exists(Executable(Folder)))
        {
            // Another process has built it at the same time.
        }
    }

    /// <summary>The folder may belong to another user, which git refuses otherwise.</summary>
    private static string[] GitArguments(params string[] arguments) =>
        ["-C", PackedFeed.SourceFolder, "-c", $"safe.directory={PackedFeed.SourceFolder}", .. arguments];
}
