using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace OrdersActors.EndToEndTests.Packages;

/// <summary>The packages of the repository in a folder, packed once for all tests of packages.</summary>
public sealed class PackedFeed : IAsyncLifetime
{
    /// <summary>The ids of the packages.</summary>
    public static readonly string[] Ids =
    [
        "OrdersActors.Abstractions", "OrdersActors.Client", "OrdersActors.Publishing", "OrdersActors.Testing",
    ];

    private static readonly TimeSpan BuildTimeout = TimeSpan.FromMinutes(15);

    private readonly string _folder = Directory.CreateTempSubdirectory("orders-actors-packages-").FullName;

    /// <summary>The version of all packages.</summary>
    public string Version { get; private set; } = "";

    public static string SourceFolder { get; } = FindSourceFolder();

    public string PackageFile(string id) => Path.Combine(_folder, "packages", $"{id}.{Version}.nupkg");

    public async ValueTask InitializeAsync()
    {
        // MSBuild searches for these files in the parent folders. It must not find those of other folders.
        await File.WriteAllTextAsync(Path.Combine(_folder, "Directory.Build.props"), "<Project />");
        await File.WriteAllTextAsync(Path.Combine(_folder, "Directory.Packages.props"), "<Project />");
        await File.WriteAllTextAsync(Path.Combine(_folder, ".editorconfig"), "root = true\n");
        foreach (var id in Ids)
        {
            // The analyzers have checked the code when the tests were built.
            await RunAsync(
                SourceFolder, "dotnet", "pack", $"src/{id}", "-c", "Release", "-o", Path.Combine(_folder, "packages"),
                "-nologo", "-nodeReuse:false", "-p:RunAnalyzers=false");
        }

        Version = Assert.Single(
            Directory.GetFiles(Path.Combine(_folder, "packages"), "*.nupkg")
                .Select(file => Path.GetFileNameWithoutExtension(file).Split('.', 3)[2]).Distinct());
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Creates a project outside of the repository that knows only this folder, and what the machine has downloaded.
    /// </summary>
    /// <param name="name">The name of the project.</param>
    /// <param name="packages">The packages, as "id version"; without a version, one of this folder.</param>
    /// <param name="properties">Further elements of the property group.</param>
    /// <param name="downloads">Whether it may download packages of others.</param>
    /// <param name="files">Names and contents of its files.</param>
    public async Task<string> CreateProjectAsync(
        string name, string[] packages, string properties, bool downloads, params (string Name, string Text)[] files)
    {
        var project = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        var references = packages.Select(package => package.Split(' ') is [var id, var version]
            ? $"""<PackageReference Include="{id}" Version="{version}" />"""
            : $"""<PackageReference Include="{package}" Version="{Version}" />""");
        // The packages of this repository come from the folder only, whatever the machine's sources have.
        var mapping = (downloads ? await MachineSourcesAsync() : [])
            .Select(source => $"""<packageSource key="{source}"><package pattern="*" /></packageSource>""");
        await File.WriteAllTextAsync(Path.Combine(project, "nuget.config"), $"""
            <configuration>
              <packageSources>
                {(downloads ? "" : "<clear />")}<add key="packed" value="{Path.Combine(_folder, "packages")}" />
              </packageSources>
              <packageSourceMapping>
                <packageSource key="packed"><package pattern="OrdersActors.*" /></packageSource>
                {string.Concat(mapping)}
              </packageSourceMapping>
              <config><add key="globalPackagesFolder" value="{Path.Combine(_folder, "cache")}" /></config>
              <fallbackPackageFolders><add key="machine" value="{MachineCache()}" /></fallbackPackageFolders>
            </configuration>
            """);
        await File.WriteAllTextAsync(Path.Combine(project, $"{name}.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <OutputType>Exe</OutputType>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                {properties}
              </PropertyGroup>
              <ItemGroup>
                {string.Join('\n', references)}
              </ItemGroup>
            </Project>
            """);
        foreach (var (file, text) in files)
        {
            await File.WriteAllTextAsync(Path.Combine(project, file), text);
        }

        return project;
    }

    /// <summary>Runs a program to its end, asserts that it succeeds, and returns its output.</summary>
    public static async Task<string> RunAsync(string folder, string program, params string[] args)
    {
        var start = new ProcessStartInfo(program, args)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        using var timeout = new CancellationTokenSource(BuildTimeout);
        try
        {
            var outputs = await Task.WhenAll(
                process.StandardOutput.ReadToEndAsync(timeout.Token),
                process.StandardError.ReadToEndAsync(timeout.Token));
            await process.WaitForExitAsync(timeout.Token);
            Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', args)}:\n{string.Concat(outputs)}");
            return string.Concat(outputs);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>The names of the sources that are enabled on this machine.</summary>
    private async Task<string[]> MachineSourcesAsync() =>
    [
        .. Regex.Matches(
            await RunAsync(_folder, "dotnet", "nuget", "list", "source"), @"^\s*\d+\.\s+(.+) \[Enabled\]",
            RegexOptions.Multiline).Select(match => match.Groups[1].Value),
    ];

    private static string MachineCache() => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static string FindSourceFolder([CallerFilePath] string file = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", ".."));
}

/// <summary>The tests that use the packages. They build, so they run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class PackageCollection : ICollectionFixture<PackedFeed>
{
    public const string Name = "Packages";
}
