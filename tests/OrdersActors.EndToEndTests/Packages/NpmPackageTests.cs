using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using OrdersActors.EndToEndTests.Clients;
using OrdersActors.EndToEndTests.Examples;
using OrdersActors.EndToEndTests.Protocol;

namespace OrdersActors.EndToEndTests.Packages;

/// <summary>The npm package as an empty project outside of the repository uses it.</summary>
public sealed class NpmPackageTests(RunningServer running, NpmPackageTests.Installed installed)
    : IClassFixture<NpmPackageTests.Installed>
{
    private const string Name = "@orders-actors/client";

    private static readonly string[] Modules = ["index", "react", "testing"];
    private static readonly string Node = Path.Combine(TypeScriptPackage.Folder, "node_modules", ".bin", "node");
    private static readonly string Compiler = Path.Combine(
        TypeScriptPackage.Folder, "node_modules", "typescript", "bin", "tsc");

    private readonly string _order = RunningServer.NewOrder();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Package_has_its_page_its_modules_and_their_types_and_nothing_else()
    {
        var entries = new List<string>();
        await using var file = File.OpenRead(installed.Package);
        await using var unpacked = new GZipStream(file, CompressionMode.Decompress);
        await using var tar = new TarReader(unpacked);
        while (await tar.GetNextEntryAsync(cancellationToken: Cancelled) is { } entry)
        {
            entries.Add(entry.Name["package/".Length..]);
        }

        string[] expected =
        [
            "README.md", "package.json", "dist/orders-client.js", "dist/orders-client.min.js",
            .. Modules.Select(module => $"dist/{module}.js"), .. Modules.Select(module => $"dist/types/{module}.d.ts"),
        ];
        Assert.Empty(expected.Except(entries));
        var folder = Path.Combine(TypeScriptPackage.Folder, "src");
        var types = Directory.GetFiles(folder, "*.ts", SearchOption.AllDirectories)
            .Select(source => $"dist/types/{Path.ChangeExtension(Path.GetRelativePath(folder, source), ".d.ts")}");
        Assert.All(
            entries.Except(expected).Except(types),
            name => Assert.Matches("^dist/chunk-[A-Z0-9]{8}\\.js$", name));
    }

    [Fact]
    public async Task Metadata_is_that_of_the_product_and_names_files_that_exist()
    {
        var folder = Path.Combine(installed.Project, "node_modules", Name);
        using var json = JsonDocument.Parse(
            await File.ReadAllTextAsync(Path.Combine(folder, "package.json"), Cancelled));
        var root = json.RootElement;
        Assert.Equal(Name, root.GetProperty("name").GetString());
        Assert.Contains(
            $"<VersionPrefix>{root.GetProperty("version").GetString()}</VersionPrefix>",
            await File.ReadAllTextAsync(
                Path.Combine(TypeScriptPackage.Repository, "Directory.Build.props"), Cancelled),
            StringComparison.Ordinal);
        Assert.NotEmpty(root.GetProperty("description").GetString()!);
        Assert.NotEmpty(root.GetProperty("keywords").EnumerateArray());
        Assert.Equal("module", root.GetProperty("type").GetString());
        Assert.Equal(">=22", root.GetProperty("engines").GetProperty("node").GetString());
        Assert.False(root.TryGetProperty("dependencies", out _));
        Assert.True(root.GetProperty("peerDependenciesMeta").GetProperty("react").GetProperty("optional").GetBoolean());
        var exports = root.GetProperty("exports").EnumerateObject()
            .Select(export => export.Value)
            .SelectMany(target => target.ValueKind == JsonValueKind.String
                ? [target.GetString()!]
                : target.EnumerateObject().Select(condition => condition.Value.GetString()!));
        Assert.All(exports, target => Assert.True(File.Exists(Path.Combine(folder, target)), target));
        // Nothing but the package was installed: React is optional.
        Assert.Equal(
            [Path.Combine(installed.Project, "node_modules", "@orders-actors")],
            Directory.GetDirectories(Path.Combine(installed.Project, "node_modules")));
    }

    [Fact]
    public async Task Five_lines_of_the_readme_run_in_node_with_the_real_server()
    {
        var code = Readme.Top.CodeIn("Five lines", "js", "ws://localhost:5080/ws", running.Address)
            .Replace("o-1", _order, StringComparison.Ordinal);
        await RunAsync("five-lines.mjs", code, ["1 created", "2 paid"]);
    }

    [Fact]
    public async Task First_lines_of_the_packages_page_run_in_node_and_have_correct_types()
    {
        var page = await File.ReadAllTextAsync(
            Path.Combine(installed.Project, "node_modules", Name, "README.md"), Cancelled);
        var code = page.Split("```ts\n")[1].Split("```")[0];
        Assert.Contains("wss://orders.example/ws", code, StringComparison.Ordinal);
        var token = TestServer.TestToken.ForOrders("demo-secret", [_order]);
        var program = $$"""
            const apiKey: string = "demo-key";
            const badge = { textContent: "" };
            const show = (status: string): void => console.log(status);
            const fetch = async (_path: string) => new Response({{JsonSerializer.Serialize(token)}});
            {{code.Replace("wss://orders.example/ws", running.Address.AbsoluteUri, StringComparison.Ordinal)
                .Replace("o-1", _order, StringComparison.Ordinal)}}
            """;
        await RunAsync("page.ts", program, ["created", "paid"]);
        // A strict project without its own type definitions, except those of the platform.
        var (exitCode, output) = await NodeRuntime.RunAsync(
            Node, installed.Project, TimeSpan.FromMinutes(5), Compiler, "--noEmit", "--strict", "--target", "es2022",
            "--lib", "es2022,dom", "--module", "nodenext", "page.ts");
        Assert.True(exitCode == 0, output);
    }

    /// <summary>Runs code that prints the events of the order.</summary>
    private async Task RunAsync(string name, string code, string[] lines)
    {
        var file = Path.Combine(installed.Project, name);
        await File.WriteAllTextAsync(file, code, Cancelled);
        await running.Service.PublishAsync("demo", _order, "created");
        await using var node = ExampleProcess.Start(Node, new Dictionary<string, string>(), "--no-warnings", file);
        await node.WaitForLinesAsync(1);
        await running.Service.PublishAsync("demo", _order, "paid");
        Assert.Equal(lines, await node.WaitForLinesAsync(2));
    }

    /// <summary>The packed package, and an empty project that has installed it.</summary>
    public sealed class Installed : IAsyncLifetime
    {
        private static readonly TimeSpan NpmTimeout = TimeSpan.FromMinutes(5);

        private readonly string _folder = Directory.CreateTempSubdirectory("orders-actors-npm-").FullName;

        public string Project => Path.Combine(_folder, "project");

        /// <summary>The path of the .tgz.</summary>
        public string Package { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            await TypeScriptPackage.BuiltAsync();
            // Without "prepack", which would build again while other tests read the built files.
            await TypeScriptPackage.NpmAsync(
                NpmTimeout, "pack", "--ignore-scripts", "--pack-destination", _folder);
            Package = Assert.Single(Directory.GetFiles(_folder, "*.tgz"));
            Directory.CreateDirectory(Project);
            await File.WriteAllTextAsync(Path.Combine(Project, "package.json"), """{"type":"module"}""");
            var (exitCode, output) = await NodeRuntime.RunAsync(
                "npm", Project, NpmTimeout, "install", "--offline", "--no-audit", "--no-fund", Package);
            Assert.True(exitCode == 0, output);
        }

        public ValueTask DisposeAsync()
        {
            Directory.Delete(_folder, recursive: true);
            return ValueTask.CompletedTask;
        }
    }
}
