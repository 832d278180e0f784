using System.Globalization;

namespace OrdersActors.Storage.Sqlite;

/// <summary>Finds the events of a partition by <c>partition_spans</c>.</summary>
internal static class SqlitePartition
{
    private static readonly string Length = SqliteSchema.SpanLength.ToString(CultureInfo.InvariantCulture);

    /// <summary>
    /// The tables s (spans) and e (events) of a query for the events of a partition from a position on. Their order is
    /// <c>s.span, e.position</c>.
    /// </summary>
    /// <param name="partition">The partition: a parameter or a column before it.</param>
    /// <param name="first">The first position, an expression.</param>
    // CROSS JOIN fixes the order of the loops: the spans, and in each the positions. In each span, the
    // scan begins at the greater of both bounds. The unary + keeps SQLite from reading all events for a Bloom filter.
    public static string From(string partition, string first) => $"""
        partition_spans s CROSS JOIN events e
            ON s.span >= ({first}) / {Length} AND s.partitions & (1 << {partition})
            AND e.position >= max({first}, s.span * {Length}) AND e.position < (s.span + 1) * {Length}
            AND +e.partition = {partition}
        """;
}
