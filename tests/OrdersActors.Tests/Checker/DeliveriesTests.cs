using System.Diagnostics;
using OrdersActors.Checker.Judging;
using OrdersActors.Checker.Reporting;

namespace OrdersActors.Tests.Checker;

/// <summary>The deliveries that count for the percentiles.</summary>
public sealed class DeliveriesTests
{
    [Fact]
    public void Time_is_from_the_publishing_call_to_the_client()
    {
        var deliveries = new Deliveries(
            [Event(version: 1, startedAt: 10), Event(version: 2, startedAt: 20)],
            [Client(confirmedAt: 5, (1, 12), (2, 29)), Client(confirmedAt: 5, (1, 11))]);

        Assert.Equal(3, deliveries.Count);
        Assert.Equal(TimeSpan.FromSeconds(2), deliveries.Percentile(0.5));
        Assert.Equal(TimeSpan.FromSeconds(9), deliveries.Percentile(1));
    }

    [Fact]
    public void Events_from_before_the_first_subscription_do_not_count() =>
        Assert.Equal(0, new Deliveries(
            [Event(version: 1, startedAt: 10)], [Client(confirmedAt: 11, (1, 12)), Client(confirmedAt: null, (1, 12))])
            .Count);

    [Fact]
    public void Events_without_an_acknowledgement_do_not_count() =>
        Assert.Equal(0, new Deliveries(
            [Event(version: 1, startedAt: 10) with { Answer = null }], [Client(confirmedAt: 5, (1, 12))]).Count);

    private static LedgerEvent Event(long version, int startedAt) => new($"e-{version}", 0, 0, 0, 0, version)
    {
        StartedAt = At(startedAt),
        Answer = new PublishedEvent($"e-{version}", version, version, IsRepeat: false),
    };

    private static ClientRecord Client(int? confirmedAt, params (long Version, int ArrivedAt)[] receipts)
    {
        var client = new ClientRecord
        {
            Name = "client",
            Shop = 0,
            Resumes = true,
            WholeOrganization = false,
            Orders = [0],
        };
        client.Connections.Add(new ConnectionRecord
        {
            Number = 1,
            First = 0,
            ConfirmedAt = confirmedAt is { } seconds ? At(seconds) : null,
        });
        client.Receipts.AddRange(receipts.Select(
            receipt => new Receipt(0, receipt.Version, 0, 0) { ArrivedAt = At(receipt.ArrivedAt) }));
        return client;
    }

    private static long At(int seconds) => seconds * Stopwatch.Frequency;
}
