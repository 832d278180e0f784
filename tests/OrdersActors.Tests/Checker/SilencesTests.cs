using System.Diagnostics;
using OrdersActors.Checker.Judging;
using OrdersActors.Checker.Reporting;
using OrdersActors.Checker.Trouble;

namespace OrdersActors.Tests.Checker;

/// <summary>The clients that count for the silences after a fault.</summary>
public sealed class SilencesTests
{
    private static readonly Incident KillOfServer1 = new(TroubleKind.Kill, 1, At(10), At(20));

    [Fact]
    public void Clients_on_other_servers_count()
    {
        var client = Client(frontEnd: 0, arrivals: [8, 9, 12, 13, 25]);

        Assert.Equal([TimeSpan.FromSeconds(7)], After(KillOfServer1, client));
        Assert.Equal(
            "kill: longest silence of each client on other servers: median 7.0 s, worst 7.0 s; "
            + "the worst client: median over 1 times 7.0 s",
            Assert.Single(new Silences([KillOfServer1], [client]).Lines));
    }

    [Fact]
    public void Clients_of_the_affected_server_do_not_count() =>
        Assert.Empty(After(KillOfServer1, Client(frontEnd: 1, arrivals: [9, 21])));

    [Fact]
    public void Clients_that_reconnected_do_not_count() =>
        Assert.Empty(After(KillOfServer1, Client(frontEnd: 0, arrivals: [9, 21], endedAt: 15)));

    [Fact]
    public void Clients_that_stopped_reading_do_not_count()
    {
        var client = Client(frontEnd: 0, arrivals: [9, 21]);
        client.Connections[0].HasStalled = true;
        Assert.Empty(After(KillOfServer1, client));
    }

    [Fact]
    public void Clients_of_single_orders_do_not_count() =>
        Assert.Empty(After(KillOfServer1, Client(frontEnd: 0, arrivals: [9, 21], organization: false)));

    [Fact]
    public void All_clients_count_after_a_database_fault() => Assert.Equal(
        [TimeSpan.FromSeconds(11)],
        After(new Incident(TroubleKind.DatabaseKill, null, At(10), At(20)), Client(frontEnd: 1, arrivals: [9, 21])));

    private static IEnumerable<TimeSpan> After(Incident incident, ClientRecord client) =>
        new Silences([incident], [client]).After(incident.Kind);

    private static ClientRecord Client(int frontEnd, long[] arrivals, long? endedAt = null, bool organization = true)
    {
        var client = new ClientRecord
        {
            Name = "client",
            Shop = 0,
            Resumes = true,
            WholeOrganization =
            organization,
            Orders = []
        };
        client.Connections.Add(new ConnectionRecord
        {
            Number = 1,
            First = 0,
            FrontEnd = frontEnd,
            ConfirmedAt = At(1),
            EndedAt = endedAt is { } end ? At(end) : null,
        });
        client.Receipts.AddRange(
            arrivals.Select((second, i) => new Receipt(0, i + 1, i + 1, 0) { ArrivedAt = At(second) }));
        return client;
    }

    private static long At(long second) => second * Stopwatch.Frequency;
}
