using System.Globalization;

namespace OrdersActors.Storage.Retention;

/// <summary>
/// Decides whether the server's clock is trusted for removing events by age. With a clock that is wrongly one month
/// ahead, almost every event would be too old. <see cref="RetentionOptions"/> states the rule.
/// </summary>
/// <remarks>
/// <code>
///   start ──► not verified ──evidence agrees──► verified ──ahead of the monotonic clock──► jumped
///                 │ nothing is removed             │ by age     ◄──the clock returns──      │ nothing is removed
/// </code>
/// After the first verification the clock needs no further evidence, because the monotonic clock, which nobody can set,
/// measures the time since then. So events are also removed on time in a shop without new events. New events are no
/// evidence after a jump: publishers on the same machine have the same wrong clock.
/// </remarks>
internal sealed class RetentionClock(TimeProvider time)
{
    private readonly Lock _lock = new();
    private (DateTimeOffset At, long Timestamp)? _verified;

    /// <summary>Returns why the clock is not trusted, or null if it is.</summary>
    /// <param name="now">The clock.</param>
    /// <param name="limits">How far the clock may be ahead, and the day that an operator confirmed.</param>
    /// <param name="findEvidence">
    /// Finds the latest time in the log at or before the given time; null if the log has none. Called only if needed.
    /// </param>
    public string? Doubt(DateTimeOffset now, RetentionLimits limits, Func<DateTimeOffset, DateTimeOffset?> findEvidence)
    {
        if (limits.MaxClockLead is not { } lead)
        {
            return null;
        }

        lock (_lock)
        {
            var timestamp = time.GetTimestamp();
            if (_verified is { } verified)
            {
                var jump = now - verified.At - time.GetElapsedTime(verified.Timestamp, timestamp);
                return jump <= lead
                    ? null
                    : $"the server's clock jumped {Days(jump)} ahead while the server ran; set it right, or restart " +
                        "the server if it is right";
            }

            var latest = now > DateTimeOffset.MaxValue - lead ? DateTimeOffset.MaxValue : now + lead;
            var evidence = Later(findEvidence(latest), Confirmed(limits, latest));
            if (now - evidence <= lead)
            {
                _verified = (now, timestamp);
                return null;
            }

            return evidence is { } known
                ? $"the server's clock is {Days(now - known)} past the newest event; current events confirm it, "
                    + "or the setting ClockConfirmedOn"
                : "no event confirms the server's clock; current events do, or the setting ClockConfirmedOn";
        }
    }

    // The end of the day, in UTC.
    private static DateTimeOffset? Confirmed(RetentionLimits limits, DateTimeOffset latest) =>
        limits.ClockConfirmedOn is { } day
            && new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero) is var start
            && start <= latest
            ? start.AddDays(1)
            : null;

    private static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) =>
        other is null || one > other ? one : other;

    private static string Days(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:0.0} days");
}
