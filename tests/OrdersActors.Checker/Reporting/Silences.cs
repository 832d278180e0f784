using OrdersActors.Checker.Judging;
using OrdersActors.Checker.Trouble;
using OrdersActors.TestServer;

namespace OrdersActors.Checker.Reporting;

/// <summary>
/// For how long those had no event who were connected to another server than the one that trouble was made for, and stayed there.
/// Only clients of whole organizations are asked: an order is silent most of the time anyway.
/// </summary>
internal sealed class Silences
{
    private readonly ILookup<TroubleKind, TimeSpan[]> _byKind;

    public Silences(IEnumerable<Incident> incidents, IReadOnlyList<ClientRecord> clients) => _byKind = incidents
        .Select(incident => (incident.Kind, Longest: Of(incident, clients)))
        .Where(silences => silences.Longest.Length > 0)
        .ToLookup(silences => silences.Kind, silences => silences.Longest);

    /// <summary>A line for each kind of trouble.</summary>
    public IEnumerable<string> Lines => _byKind.OrderBy(kind => kind.Key).Select(Describe);

    /// <summary>The longest silences of one kind, one of each client for each time it happened.</summary>
    public IEnumerable<TimeSpan> After(TroubleKind kind) => _byKind[kind].SelectMany(silences => silences);

    private static string Describe(IGrouping<TroubleKind, TimeSpan[]> kind)
    {
        TimeSpan[] all = [.. kind.SelectMany(silences => silences)];
        var worst = kind.Select(silences => silences.Max());
        return $"{kind.Key.Name()}: the longest of each client elsewhere, median {Silence.Median(all).TotalSeconds:0.0} s, "
            + $"worst {all.Max().TotalSeconds:0.0} s; the worst client's, median over {kind.Count()} times {Silence.Median(worst).TotalSeconds:0.0} s";
    }

    private static TimeSpan[] Of(Incident incident, IReadOnlyList<ClientRecord> clients) =>
    [
        .. clients.Where(client => client.WholeOrganization)
            .Select(client => Of(incident, client)).OfType<TimeSpan>(),
    ];

    private static TimeSpan? Of(Incident incident, ClientRecord client)
    {
        var index = client.Connections.FindLastIndex(connection => connection.ConfirmedAt < incident.At);
        if (index < 0 || client.Connections[index] is var connection
            && (connection.FrontEnd == incident.Server || connection.EndedAt < incident.Until))
        {
            return null;
        }

        var end = index + 1 < client.Connections.Count ? client.Connections[index + 1].First : client.Receipts.Count;
        var received = client.Receipts[client.Connections[index].First..end].Where(receipt => receipt.Sequence != 0);
        return Silence.Longest(received.Select(receipt => receipt.ArrivedAt), incident.At, incident.Until);
    }
}
