using ArchUnitNET.Loader;
using OrdersActors.Client;
using OrdersActors.Testing;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Architecture;

/// <summary>
/// The projects, and the folders of each project, depend on each other in one direction. The tests read the compiled
/// assemblies.
/// </summary>
public class LayerTests
{
    private static readonly ArchUnitNET.Domain.Architecture Product =
        new ArchLoader().LoadAssemblies(
            [.. ProductAssemblies.All, typeof(OrdersClient).Assembly, typeof(OrdersTestServer).Assembly]).Build();

    // Each list goes from the top to the bottom. Projects without an entry have no folders that use each other.
    private static readonly LayerRule[] Rules =
    [
        LayerRule.Namespaces(
            "Projects", "Testing", "Server", "Http", "FrontEnd", "Publishing", "Grains", "Streaming", "Cluster",
            "Storage"),
        LayerRule.Folders(
            "FrontEnd", "Sessions", "Subscriptions", "Feeds", "Protocol", "Transport", "Limits"),
        LayerRule.Folders(
            "Http", "OpenApi", "AsyncApi", "Endpoints", "Streams", "Reading", "Publishing", "CloudEvents", "Origins",
            "Authentication", "Limits", "Problems", "Documents"),
        LayerRule.Folders("Cluster", "Appends", "Placement", "Partitions"),
        LayerRule.Folders(
            "Storage", "KeyRing", "Sqlite", "PostgreSql", "Retention", "ApiKeys", "EventLog", "Folders", "Transfer"),
        LayerRule.Folders("Streaming", "Queue", "Cache", "Batches"),
        LayerRule.Folders("Client", "Connections", "Feeds", "Protocol"),
        LayerRule.Folders("Grains", "Status", "Feeds", "Log", "Authentication", "Epochs", "Observers"),
    ];

    // Projects and folders that must not know each other, although one is above the other in the list.
    private static readonly (string User, string Used)[] Strangers =
    [
        ("Grains", "Streaming"),
        ("FrontEnd", "Publishing"),
        ("FrontEnd", "Grains"),
        ("FrontEnd", "Streaming"),
        ("FrontEnd", "Cluster"),
        ("FrontEnd", "Storage"),
        ("Http", "Grains"),
        ("Http", "Streaming"),
        ("Http", "Cluster"),
        ("Http", "Storage"),
        ("Publishing", "Grains"),
        ("Publishing", "Streaming"),
        ("Publishing", "Cluster"),
        ("Publishing", "Storage"),
        ("Client", "Publishing"),
        ("Publishing", "Client"),
        ("FrontEnd", "Client"),
        ("Testing", "Client"),
        ("Storage.Sqlite", "Storage.PostgreSql"),
    ];

    public static TheoryData<string> Names => [.. Rules.Select(rule => rule.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Layers_use_only_the_layers_below(string name)
    {
        var rule = Rules.Single(rule => rule.Name == name);
        Assert.Empty(rule.EmptyLayers(Product));
        Assert.Empty(rule.Violations(Product).Distinct());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Reversed_order_is_reported(string name) =>
        Assert.NotEmpty(Rules.Single(rule => rule.Name == name).Reversed().Violations(Product));

    [Fact]
    public void Projects_that_must_not_know_each_other_do_not() =>
        Assert.Empty(
            from pair in Strangers
            from violation in LayerRule.Namespaces("", pair.Used, pair.User).Violations(Product)
            select violation);
}
