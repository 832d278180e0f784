namespace OrdersActors.Benchmarks.Peers;

/// <summary>The results of one workload, as a Markdown table with the medians of all repetitions.</summary>
internal sealed class ResultTable(string workload)
{
    private readonly List<(string Peer, LoadResult Result)> _results = [];

    public void Add(string peer, LoadResult result) => _results.Add((peer, result));

    /// <summary>One run in one line.</summary>
    public static string Summary(LoadResult r) =>
        $"{r.Phase}: " + string.Join("; ", ResultColumn.Of(r).Where(column => column.Value(r) != 0).Select(
            column => $"{column.Title} {column.Text(column.Value(r))}"));

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
}
