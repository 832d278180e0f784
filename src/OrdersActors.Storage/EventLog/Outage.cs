namespace OrdersActors.Storage.EventLog;

/// <summary>
/// Decides which failures are logged. While something fails, every attempt would log the same message. So a failure is
/// logged once per reason, and the first success once.
/// </summary>
/// <remarks>
/// An outage begins with the first failure. It ends when each source that failed has succeeded again. Thread-safe; no
/// code under the lock takes another lock.
/// </remarks>
internal sealed class Outage
{
    private readonly Lock _lock = new();
    private readonly HashSet<int> _failing = [];
    private readonly HashSet<string> _reasons = [];
    private long _failures;

    /// <summary>Records failures. Returns whether they must be logged.</summary>
    /// <param name="reason">The reason; the same for all failures that need only one message.</param>
    /// <param name="failures">The number of failures.</param>
    /// <param name="source">What failed, such as a partition.</param>
    public bool Fail(string reason = "", int failures = 1, int source = 0)
    {
        lock (_lock)
        {
            _failing.Add(source);
            _failures += failures;
            return _reasons.Add(reason);
        }
    }

    /// <summary>
    /// Records a success. If it ends an outage, which must be logged, returns the number of the outage's failures;
    /// otherwise null.
    /// </summary>
    public long? Succeed(int source = 0)
    {
        lock (_lock)
        {
            if (!_failing.Remove(source) || _failing.Count > 0)
            {
                return null;
            }

            var failures = _failures;
            _failures = 0;
            _reasons.Clear();
            return failures;
        }
    }
}
