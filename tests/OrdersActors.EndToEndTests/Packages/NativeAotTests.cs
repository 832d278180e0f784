using OrdersActors.EndToEndTests.Clients;
using OrdersActors.EndToEndTests.Examples;

namespace OrdersActors.EndToEndTests.Packages;

/// <summary>
/// A program with the .NET client, compiled to native code. It needs gcc or clang, and the header of zlib.
/// </summary>
[Collection(PackageCollection.Name)]
public sealed class NativeAotTests(PackedFeed feed, RunningServer running)
{
    // A warning of the trimmer or of the compiler says that something may fail at run time.
    private const string Properties = """
        <PublishAot>true</PublishAot>
        <InvariantGlobalization>true</InvariantGlobalization>
        <TrimmerSingleWarn>false</TrimmerSingleWarn>
        <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
        """;

    private const string Program = """
        using OrdersActors.Client;

        var options = new OrdersClientOptions { Address = new Uri(args[0]), ApiKey = args[1], ApiSecret = args[2] };
        await using var client = new OrdersClient(options);
        await foreach (var e in client.WatchAsync(args[3], WatchStart.Beginning))
        {
            Console.WriteLine($"{e.Version} {e.Status} {e.Details}");
        }
        """;

    private static readonly string[] Linkers = ["gcc", "clang"];

    [Fact]
    public async Task Native_program_watches_an_order()
    {
        RequireLinker();
        var project = await feed.CreateProjectAsync(
            "native", ["OrdersActors.Client"], Properties, downloads: true, ("Program.cs", Program));
        await PackedFeed.RunAsync(
            project, "dotnet", "publish", "-c", "Release", "-o", "published", "-nologo", "-nodeReuse:false");
        // Native code only: there is no assembly beside it.
        Assert.Empty(Directory.GetFiles(Path.Combine(project, "published"), "*.dll"));
        var shop = await running.NewShopAsync();
        var order = RunningServer.NewOrder();
        await shop.PublishAsync(order, "created", """{"n":1}""");
        await using var program = ExampleProcess.Start(
            Path.Combine(project, "published", "native"), new Dictionary<string, string>(),
            running.Address.AbsoluteUri, shop.Key, shop.Secret, order);
        await program.WaitForLinesAsync(1);
        await shop.PublishAsync(order, "paid");
        Assert.Equal(["1 created {\"n\":1}", "2 paid "], await program.WaitForLinesAsync(2));
    }

    private static void RequireLinker()
    {
        var linkers =
            from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            from linker in Linkers
            select Path.Combine(folder, linker);
        TypeScriptPackage.Require(
            linkers.Any(File.Exists) && File.Exists("/usr/include/zlib.h"),
            "gcc or clang and the header of zlib are needed (Debian: gcc, libc6-dev, zlib1g-dev)");
    }
}
