namespace OrdersActors.Benchmarks.Peers;

/// <summary>The results of one workload, as a Markdown table with the medians of all repetitions.</summary>
internal sealed class ResultTable(string workload)
{
    private readonly List<(string Peer, LoadResult Result)> _results = [];

    public void Add(string peer, LoadResult result) => _results.Add((peer, result));

    /// <summary>One run in one line.</summary>
    public static string Summary(LoadResult r) =>
        $"{r.Phase}: {r.Count / r.Seconds:0} {(r.Unit == "delivery" ? "deliveries" : "connections")}/s, server {r.ServerCpu / r.Count:0.00} µs per {r.Unit}, "
        + (r.Unit == "delivery" ? $"p50 {r.P50:0.00} ms, p99 {r.P99:0.00} ms, p99.9 {r.P999:0.00} ms, " : "")
        + (r.PublisherCpu > 0 ? $"publisher {r.PublisherCpu / Math.Max(1, r.Events):0.0} µs per event, " : "")
        + $"cores: server {Cores(r, r.ServerCpu):0.00}, load {Cores(r, r.LoadCpu):0.00}, "
        + $"others {Cores(r, r.OtherCpu):0.00}";

    public void Write(TextWriter to)
    {
        foreach (var phase in _results.Select(row => row.Result.Phase).Distinct())
        {
            var rows = _results.Where(row => row.Result.Phase == phase).ToLookup(row => row.Peer, row => row.Result);
            to.WriteLine();
            to.WriteLine($"{workload}, {phase}");
            to.WriteLine();
            ResultColumn[] columns = [.. ResultColumn.Of(rows.First().First())
                .Where(column => rows.Any(peer => peer.Any(result => column.Value(result) != 0)))];
            to.WriteLine($"| server | {string.Join(" | ", columns.Select(column => column.Title))} |");
            to.WriteLine($"| --- |{string.Concat(columns.Select(_ => " ---: |"))}");
            foreach (var peer in rows)
            {
                var cells = columns.Select(column => column.Cell(peer, rows[PeerNames.SignalR]));
                to.WriteLine($"| {peer.Key} | {string.Join(" | ", cells)} |");
            }
        }

        to.WriteLine();
    }

    private static double Cores(LoadResult r, double microseconds) => microseconds / 1e6 / r.Seconds;
}
