namespace OrdersActors.Checker.Judging;

/// <summary>
/// Finds the lowest number among the events whose publishing began after a moment. A subscription that was confirmed at
/// that moment must have delivered that event, if its connection lived.
/// </summary>
internal sealed class DueTimes
{
    private readonly long[] _starts;
    private readonly long[] _lowest;

    public DueTimes(IEnumerable<TruthEvent> events, Func<TruthEvent, long> number, Dictionary<string, long> starts)
    {
        var acknowledged = events.Where(e => starts.ContainsKey(e.Id))
            .Select(e => (Start: starts[e.Id], Number: number(e))).OrderBy(e => e.Start).ToArray();
        _starts = Array.ConvertAll(acknowledged, e => e.Start);
        _lowest = Array.ConvertAll(acknowledged, e => e.Number);
        for (var i = _lowest.Length - 2; i >= 0; i--)
        {
            _lowest[i] = Math.Min(_lowest[i], _lowest[i + 1]);
        }
    }

    public long? FirstAfter(long moment)
    {
        var (low, high) = (0, _starts.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _starts[middle] > moment ? (low, middle) : (middle + 1, high);
        }

        return low < _starts.Length ? _lowest[low] : null;
    }
}
