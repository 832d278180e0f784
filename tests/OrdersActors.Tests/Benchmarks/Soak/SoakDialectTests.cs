using System.Text;
using OrdersActors.Benchmarks.Peers;
using OrdersActors.Benchmarks.Soak;

namespace OrdersActors.Tests.Benchmarks.Soak;

public sealed class SoakDialectTests
{
    private readonly List<string> _faults = [];
    private readonly SoakDialect _client;

    public SoakDialectTests() => _client = new SoakDialect(
        new LoadTarget(PeerNames.Orders, 80, 81, 1, null, "key", "secret"), _faults.Add);

    [Fact]
    public void Client_resumes_after_its_last_event_in_its_epoch()
    {
        Confirm("""{"resumed":true,"epoch":"e1","position":0}""");
        Pass(1, 2, 3);
        Confirm("""{"resumed":true,"epoch":"e1","position":9}""");
        Pass(4);
        Assert.Empty(_faults);
        var requests = Encoding.UTF8.GetString(_client.Requests(7));
        Assert.Contains("""{"order_id":"order-7","after":4,"epoch":"e1"}""", requests, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("version 2 came after 2, so it came twice or out of order", 1, 2, 2, 3)]
    [InlineData("version 1 came after 2, so it came twice or out of order", 1, 2, 1, 3)]
    [InlineData("version 5 came after 2, so 2 events are missing", 1, 2, 5, 6)]
    public void Event_that_is_not_the_next_one_is_a_fault(string fault, params int[] versions)
    {
        Pass(versions);
        Assert.Equal([fault], _faults);
    }

    [Theory]
    [InlineData("""{"resumed":false,"epoch":"e1"}""", "a client could not resume after 1")]
    [InlineData("""{"resumed":true,"epoch":"e2"}""", "the epoch changed from e1 to e2")]
    public void Resume_with_a_hole_is_a_fault(string confirmation, string fault)
    {
        Confirm("""{"resumed":true,"epoch":"e1"}""");
        Pass(1);
        Confirm(confirmation);
        Assert.StartsWith(fault, Assert.Single(_faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Event_without_a_version_is_a_fault()
    {
        _client.OnEvent("""{"type":"event","data":{}}"""u8);
        Assert.Single(_faults);
    }

    private void Confirm(string fields) => Assert.True(_client.IsConfirmation(Encoding.UTF8.GetBytes(
        $$"""{"type":"subscription","data":{"status":"subscribed",{{fields[1..^1]}} } }""")));

    private void Pass(params int[] versions)
    {
        foreach (var version in versions)
        {
            _client.OnEvent(Encoding.UTF8.GetBytes($$"""{"type":"event","data":{"version":{{version}} } }"""));
        }
    }
}
