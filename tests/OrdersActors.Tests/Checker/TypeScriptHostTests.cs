using System.Text.Json;
using OrdersActors.Checker;
using OrdersActors.Checker.Clients;
using OrdersActors.Checker.Judging;
using OrdersActors.Checker.Libraries;
using OrdersActors.Checker.Reporting;

namespace OrdersActors.Tests.Checker;

/// <summary>The lines of the process that runs clients of the TypeScript library.</summary>
public sealed class TypeScriptHostTests
{
    private const string Event =
        """
        {"id":"e","organization_id":"shop-0","order_id":"order-0","version":N,"status":"s",
        "occurred_at":"2026-01-01T00:00:00.000000Z"}
        """;

    private readonly SyntheticRun _run = new();
    private readonly List<CounterExample> _seen = [];
    private readonly LibraryCounts _counts = new("typescript");
    private readonly TypeScriptHost _host;

    public TypeScriptHostTests()
    {
        var shop = _run.Map.Shops[0];
        LibraryPlan[] plans =
        [
            new("first", shop, Credential.None, Variant: false, [new(0)]),
            new("second", shop, Credential.None, Variant: true, [new(0, HandlerStart.Next), new(2)]),
        ];
        var environment = new ClientEnvironment(
            new FrontEnds([]), _run.Map, new RunCounts(), new CheckOptions { LoseCommits = 1 }, _seen.Add,
            CancellationToken.None, CancellationToken.None);
        _host = new TypeScriptHost(new TypeScriptPackage("", ""), new Uri("ws://x"), plans, environment, _counts);
    }

    [Fact]
    public void Observations_belong_to_the_handler_that_they_name()
    {
        Take("""{"handler":1,"confirmed":2,"epoch":"a"}""");
        Take($$"""{"handler":1,"event":{{Event.Replace("N", "3", StringComparison.Ordinal)}},"epoch":"a"}""");
        Take($$"""{"handler":0,"event":{{Event.Replace("N", "1", StringComparison.Ordinal)}},"epoch":"a"}""");
        Take("""{"handler":1,"gap":{"from":4,"earliest":1,"rewritten":true},"epoch":"b"}""");

        Assert.Empty(_seen);
        Assert.Equal([1L], _host.Handlers[0].Record.Receipts.Select(receipt => receipt.Version));
        Assert.Equal([3L], _host.Handlers[1].Record.Receipts.Select(receipt => receipt.Version));
        Assert.Equal(["a", "b"], _host.Handlers[1].Record.Connections.Select(connection => connection.Epoch));
    }

    [Fact]
    public void State_of_a_client_is_the_state_of_its_handlers()
    {
        Take("""{"client":1,"state":"connected"}""");
        Assert.Equal([false, true, true], _host.Handlers.Select(handler => handler.IsConnected));

        Take("""{"client":1,"state":"waiting"}""");
        Assert.Equal([false, false, false], _host.Handlers.Select(handler => handler.IsConnected));
        Assert.Equal(1, _counts.ConnectionCount);
    }

    [Fact]
    public void Errors_and_rejoins_are_counted()
    {
        Take("""{"client":0,"error":{"code":"protocol","message":"m"}}""");
        Take("""{"client":0,"rejoined":true}""");
        Take("""{"client":0,"overflow":true}""");

        Assert.Equal((1, 2), (_counts.ErrorCount, _counts.RejoinCount));
        Assert.Empty(_seen);
    }

    [Theory]
    [InlineData("""{"handler":2,"ended":"access_denied: no"}""", "ended with access_denied: no")]
    [InlineData("""{"client":0,"error":{"code":"handler_failed","message":"m"}}""", "handler_failed")]
    public void Ended_handler_and_a_fault_of_the_host_are_red(string line, string got)
    {
        Take(line);
        Assert.Contains(got, Assert.Single(_seen).Got, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"handler":0}""")]
    [InlineData("""{"client":0}""")]
    public void Unknown_line_is_refused(string line) => Assert.Throws<InvalidDataException>(() => Take(line));

    private void Take(string line)
    {
        using var json = JsonDocument.Parse(line);
        _host.Take(json.RootElement);
    }
}
