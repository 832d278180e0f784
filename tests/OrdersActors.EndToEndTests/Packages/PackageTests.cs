using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace OrdersActors.EndToEndTests.Packages;

/// <summary>The packages as a project outside of the repository uses them.</summary>
public sealed class PackageTests : IDisposable
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static readonly string[] Packed =
        ["OrdersActors.Abstractions", "OrdersActors.Client", "OrdersActors.Publishing"];

    private static readonly TimeSpan BuildTimeout = TimeSpan.FromMinutes(10);

    private readonly string _folder = Directory.CreateTempSubdirectory("orders-actors-packages-").FullName;

    private string Packages => Path.Combine(_folder, "packages");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Project_with_the_packages_builds_the_lines_of_their_pages()
    {
        foreach (var package in Packed)
        {
            await RunAsync(SourceFolder(), "pack", $"src/{package}", "-c", "Release", "-o", Packages);
        }

        var version = AssertContents();
        var project = Directory.CreateDirectory(Path.Combine(_folder, "project")).FullName;
        await File.WriteAllTextAsync(Path.Combine(project, "nuget.config"), $"""
            <configuration>
              <packageSources><add key="packed" value="{Packages}" /></packageSources>
              <config><add key="globalPackagesFolder" value="{Path.Combine(_folder, "cache")}" /></config>
              <fallbackPackageFolders><add key="machine" value="{MachineCache()}" /></fallbackPackageFolders>
            </configuration>
            """, Cancelled);
        await File.WriteAllTextAsync(Path.Combine(project, "project.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <OutputType>Exe</OutputType>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="OrdersActors.Client" Version="{version}" />
                <PackageReference Include="OrdersActors.Publishing" Version="{version}" />
              </ItemGroup>
            </Project>
            """, Cancelled);
        await File.WriteAllTextAsync(Path.Combine(project, "Program.cs"), $"""
            {FirstExample("src/OrdersActors.Client/README.md")
                .Replace("using OrdersActors.Client;", """
                    using Microsoft.Extensions.DependencyInjection;
                    using OrdersActors.Client;
                    using OrdersActors.Publishing;
                    var (key, cancellationToken) = ("demo-key", CancellationToken.None);
                    new ServiceCollection().AddOrdersHttpPublisher(new Uri("https://orders.example"), key, "secret");
                    """, StringComparison.Ordinal)}
            """, Cancelled);
        await RunAsync(project, "build", "-c", "Release");
        Assert.True(File.Exists(Path.Combine(project, "bin/Release/net10.0/OrdersActors.Client.dll")));
    }

    /// <summary>Checks what is in the packages, and returns their version.</summary>
    private string AssertContents()
    {
        var versions = new HashSet<string>();
        foreach (var package in Packed)
        {
            var file = Assert.Single(Directory.GetFiles(Packages, package + ".*.nupkg"));
            using var zip = ZipFile.OpenRead(file);
            string[] entries = [.. zip.Entries.Select(entry => entry.FullName)];
            Assert.Contains("README.md", entries);
            Assert.Contains(entries, entry => entry.EndsWith($"/{package}.xml", StringComparison.Ordinal));
            using var nuspec = zip.GetEntry(package + ".nuspec")!.Open();
            var xml = XDocument.Load(nuspec);
            var elements = xml.Descendants().ToLookup(element => element.Name.LocalName);
            versions.Add(elements["version"].First().Value);
            Assert.NotEmpty(elements["description"].Single().Value);
            Assert.Equal("README.md", elements["readme"].Single().Value);
            Assert.All(
                elements["dependency"].Select(dependency => dependency.Attribute("id")!.Value)
                    .Where(id => id.StartsWith("OrdersActors", StringComparison.Ordinal)),
                id => Assert.Contains(id, Packed));
        }

        return Assert.Single(versions);
    }

    private static string FirstExample(string page) =>
        File.ReadAllText(Path.Combine(SourceFolder(), page)).Split("```csharp")[1].Split("```")[0].Trim();

    private static string MachineCache() => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static string SourceFolder([CallerFilePath] string file = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", ".."));

    private static async Task RunAsync(string folder, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [.. args, "-nologo", "-nodeReuse:false"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        using var timeout = new CancellationTokenSource(BuildTimeout);
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
            Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', args)}:\n{output}");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
