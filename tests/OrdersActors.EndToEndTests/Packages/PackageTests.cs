using System.IO.Compression;
using System.Xml.Linq;
using OrdersActors.EndToEndTests.Protocol;

namespace OrdersActors.EndToEndTests.Packages;

/// <summary>The packages as projects outside of the repository use them.</summary>
[Collection(PackageCollection.Name)]
public sealed class PackageTests(PackedFeed feed)
{
    private static readonly string[] ServerAssemblies =
        ["Cluster", "FrontEnd", "Grains", "Http", "Server", "Storage", "Streaming", "Testing"];

    public static TheoryData<string> Ids => [.. PackedFeed.Ids];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Package_has_its_page_and_needs_only_what_is_packed_beside_it(string id)
    {
        using var zip = ZipFile.OpenRead(feed.PackageFile(id));
        string[] entries = [.. zip.Entries.Select(entry => entry.FullName)];
        Assert.Contains("README.md", entries);
        Assert.Contains(entries, entry => entry.EndsWith($"/{id}.xml", StringComparison.Ordinal));
        using var nuspec = zip.GetEntry(id + ".nuspec")!.Open();
        var elements = XDocument.Load(nuspec).Descendants().ToLookup(element => element.Name.LocalName);
        Assert.Equal(feed.Version, elements["version"].First().Value);
        Assert.NotEmpty(elements["description"].Single().Value);
        Assert.NotEmpty(elements["tags"].Single().Value);
        Assert.Equal("README.md", elements["readme"].Single().Value);
        Assert.All(
            elements["dependency"].Select(dependency => dependency.Attribute("id")!.Value)
                .Where(dependency => dependency.StartsWith("OrdersActors", StringComparison.Ordinal)),
            dependency => Assert.Contains(dependency, PackedFeed.Ids));
    }

    [Fact]
    public void Testing_has_the_servers_assemblies_where_tests_run_and_only_its_own_where_they_compile()
    {
        using var zip = ZipFile.OpenRead(feed.PackageFile("OrdersActors.Testing"));
        string[] EntriesOf(string folder) =>
            [.. zip.Entries.Select(entry => entry.FullName)
                .Where(name => name.StartsWith(folder, StringComparison.Ordinal))
                .Select(name => name[folder.Length..]).Order(StringComparer.Ordinal)];
        Assert.Equal(
            [.. ServerAssemblies.Select(name => $"OrdersActors.{name}.dll"), "OrdersActors.Testing.xml"],
            EntriesOf("lib/net10.0/"));
        Assert.Equal(["OrdersActors.Testing.dll", "OrdersActors.Testing.xml"], EntriesOf("ref/net10.0/"));
    }

    [Fact]
    public async Task Project_with_the_packages_builds_the_lines_of_their_pages()
    {
        var program = Readme.Client.Code("csharp").Replace("using OrdersActors.Client;", """
            using Microsoft.Extensions.DependencyInjection;
            using OrdersActors.Client;
            using OrdersActors.Publishing;
            var (key, cancellationToken) = ("demo-key", CancellationToken.None);
            new ServiceCollection().AddOrdersHttpPublisher(new Uri("https://orders.example"), key, "secret");
            """, StringComparison.Ordinal);
        var project = await feed.CreateProjectAsync(
            "service", ["OrdersActors.Client", "OrdersActors.Publishing"], "", downloads: false,
            ("Program.cs", program));
        await PackedFeed.RunAsync(project, "dotnet", "build", "-c", "Release", "-nologo", "-nodeReuse:false");
        Assert.True(File.Exists(Path.Combine(project, "bin/Release/net10.0/OrdersActors.Client.dll")));
    }

    [Fact]
    public async Task Test_of_the_testing_page_passes_in_a_project_with_the_packages()
    {
        var project = await feed.CreateProjectAsync(
            "tests", ["OrdersActors.Client", "OrdersActors.Testing", "xunit.v3 4.0.2"], "", downloads: false,
            ("OrderPageTests.cs", Readme.Testing.Code("csharp")));
        await PackedFeed.RunAsync(project, "dotnet", "build", "-c", "Release", "-nologo", "-nodeReuse:false");
        var output = await PackedFeed.RunAsync(project, Path.Combine(project, "bin/Release/net10.0/tests"));
        Assert.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0", output, StringComparison.Ordinal);
    }
}
