using OrdersActors.Checker.Judging;
using OrdersActors.Checker.Trouble;
using OrdersActors.TestServer;

namespace OrdersActors.Checker.Reporting;

/// <summary>
/// For how long those had no event after a kill who were connected to another server and stayed there. Only clients of whole
/// organizations are asked: an order is silent most of the time anyway.
/// </summary>
internal sealed class KillSilences
{
    private readonly TimeSpan[][] _byKill;

    public KillSilences(IEnumerable<Kill> kills, IReadOnlyList<ClientRecord> clients) =>
        _byKill = [.. kills.Select(kill => Of(kill, clients)).Where(silences => silences.Length > 0)];

    public override string ToString()
    {
        if (_byKill.Length == 0)
        {
            return "no kill with clients elsewhere";
        }

        TimeSpan[] all = [.. _byKill.SelectMany(silences => silences)];
        var worst = _byKill.Select(silences => silences.Max());
        return $"{_byKill.Length} kills, longest silence of each client elsewhere: median {Silence.Median(all).TotalSeconds:0.00} s, "
            + $"worst {all.Max().TotalSeconds:0.00} s; of the worst client of a kill: median {Silence.Median(worst).TotalSeconds:0.00} s";
    }

    private static TimeSpan[] Of(Kill kill, IReadOnlyList<ClientRecord> clients) =>
    [
        .. clients.Where(client => client.WholeOrganization)
            .Select(client => Of(kill, client)).OfType<TimeSpan>(),
    ];

    private static TimeSpan? Of(Kill kill, ClientRecord client)
    {
        var index = client.Connections.FindLastIndex(connection => connection.ConfirmedAt < kill.At);
        if (index < 0 || client.Connections[index] is var connection
            && (connection.FrontEnd == kill.Server || connection.EndedAt < kill.Until))
        {
            return null;
        }

        var end = index + 1 < client.Connections.Count ? client.Connections[index + 1].First : client.Receipts.Count;
        var received = client.Receipts[client.Connections[index].First..end].Where(receipt => receipt.Sequence != 0);
        return Silence.Longest(received.Select(receipt => receipt.ArrivedAt), kill.At, kill.Until);
    }
}
