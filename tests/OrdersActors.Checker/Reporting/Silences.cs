using System.Diagnostics;
using OrdersActors.Checker.Judging;
using OrdersActors.Checker.Trouble;
using OrdersActors.TestServer;

namespace OrdersActors.Checker.Reporting;

/// <summary>
/// How long clients received no event, if they were connected to another server than the one with the fault, and stayed
/// connected and kept reading. Only clients of whole organizations count, because an order is silent most of the time.
/// </summary>
internal sealed class Silences
{
    private readonly (Incident Incident, (string Client, long From, TimeSpan Length)[] Longest)[] _all;
    private readonly ILookup<TroubleKind, TimeSpan[]> _byKind;

    public Silences(IEnumerable<Incident> incidents, IReadOnlyList<ClientRecord> clients)
    {
        _all = [.. incidents.Select(incident => (incident, Of(incident, clients)))
            .Where(silences => silences.Item2.Length > 0)];
        _byKind = _all.ToLookup(
            silences => silences.Incident.Kind,
            silences => Array.ConvertAll(silences.Longest, silence => silence.Length));
    }

    /// <summary>
    /// One line for each fault with a silence longer than this: the client, and when the silence began.
    /// </summary>
    public IEnumerable<string> LongerThan(TimeSpan length) =>
        from silences in _all
        let worst = silences.Longest.MaxBy(silence => silence.Length)
        where worst.Length > length
        let after = (worst.From - silences.Incident.At) / (double)Stopwatch.Frequency
        select $"{silences.Incident.Kind.Name()} {silences.Incident.Server}: {worst.Client} received no event for "
            + $"{worst.Length.TotalSeconds:0.0} s, from {after:0.0} s after it";

    /// <summary>One line for each kind of fault.</summary>
    public IEnumerable<string> Lines => _byKind.OrderBy(kind => kind.Key).Select(Describe);

    /// <summary>The longest silences of one kind: one per client and fault.</summary>
    public IEnumerable<TimeSpan> After(TroubleKind kind) => _byKind[kind].SelectMany(silences => silences);

    private static string Describe(IGrouping<TroubleKind, TimeSpan[]> kind)
    {
        TimeSpan[] all = [.. kind.SelectMany(silences => silences)];
        var worst = kind.Select(silences => silences.Max());
        return $"{kind.Key.Name()}: longest silence of each client on other servers: "
            + $"median {Silence.Median(all).TotalSeconds:0.0} s, "
            + $"worst {all.Max().TotalSeconds:0.0} s; the worst client: "
            + $"median over {kind.Count()} times {Silence.Median(worst).TotalSeconds:0.0} s";
    }

    private static (string Client, long From, TimeSpan Length)[] Of(
        Incident incident, IReadOnlyList<ClientRecord> clients) =>
    [
        .. from client in clients
           where client.WholeOrganization
           let gap = Of(incident, client)
           where gap is not null
           select (client.Name, gap.Value.From, gap.Value.Length),
    ];

    private static (long From, TimeSpan Length)? Of(Incident incident, ClientRecord client)
    {
        var index = client.Connections.FindLastIndex(connection => connection.ConfirmedAt < incident.At);
        if (index < 0 || client.Connections[index] is var connection
            && (connection.FrontEnd == incident.Server || connection.EndedAt < incident.Until || connection.HasStalled))
        {
            return null;
        }

        var end = index + 1 < client.Connections.Count ? client.Connections[index + 1].First : client.Receipts.Count;
        var received = client.Receipts[client.Connections[index].First..end].Where(receipt => receipt.Sequence != 0);
        return Silence.LongestGap(received.Select(receipt => receipt.ArrivedAt), incident.At, incident.Until);
    }
}
