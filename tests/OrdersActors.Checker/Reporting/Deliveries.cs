using System.Diagnostics;
using OrdersActors.Checker.Judging;

namespace OrdersActors.Checker.Reporting;

/// <summary>
/// How long events took from the beginning of their publishing call until each client had them. It includes retries of
/// the publisher, and the time in which a client had no connection. Events that were published before a client
/// subscribed for the first time do not count.
/// </summary>
internal sealed class Deliveries
{
    private readonly TimeSpan[] _sorted;

    public Deliveries(IReadOnlyList<LedgerEvent> events, IReadOnlyList<ClientRecord> clients)
    {
        var startedAt = events.Where(e => e.Answer is not null)
            .GroupBy(e => (e.Order, e.Answer!.Value.Version))
            .ToDictionary(same => same.Key, same => same.Min(e => e.StartedAt));
        _sorted =
        [
            .. from client in clients
               let subscribedAt = client.Connections.Min(connection => connection.ConfirmedAt)
               from receipt in client.Receipts
               let published = startedAt.GetValueOrDefault((receipt.Order, receipt.Version), long.MinValue)
               where published >= subscribedAt
               select Stopwatch.GetElapsedTime(published, receipt.ArrivedAt) into time
               orderby time
               select time,
        ];
    }

    /// <summary>The number of deliveries that count.</summary>
    public int Count => _sorted.Length;

    /// <summary>The time that this share of all deliveries did not exceed; zero without deliveries.</summary>
    public TimeSpan Percentile(double share) =>
        _sorted.Length == 0 ? TimeSpan.Zero : _sorted[(int)Math.Min(_sorted.Length - 1, share * _sorted.Length)];
}
