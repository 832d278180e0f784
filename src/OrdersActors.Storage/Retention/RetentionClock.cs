using System.Globalization;

namespace OrdersActors.Storage.Retention;

/// <summary>
/// Decides whether the server's clock may be used to remove events by age. A clock that is wrongly ahead by a month would
/// make everything too old. <see cref="RetentionOptions"/> states the rule.
/// </summary>
/// <remarks>
/// <code>
///   start ──► not verified ──evidence agrees──► verified ──ahead of the monotonic clock──► jumped
///                 │ nothing is removed             │ by age     ◄──the clock returns──      │ nothing is removed
/// </code>
/// Once verified, the clock needs no further evidence: the monotonic clock, which nobody can set, carries it on. So a shop
/// without events loses nothing, and events of publishers on the same machine, whose clock has jumped as well, prove nothing.
/// </remarks>
internal sealed class RetentionClock(TimeProvider time)
{
    private readonly Lock _lock = new();
    private (DateTimeOffset At, long Timestamp)? _verified;

    /// <summary>Says why the clock is not trusted, or null.</summary>
    /// <param name="now">The clock.</param>
    /// <param name="limits">How far it may be ahead, and the day that an operator confirmed.</param>
    /// <param name="findEvidence">
    /// The latest time at or before the given one that the log knows of; null if it knows none. Called only if it is needed.
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
                    : $"the server's clock jumped {Days(jump)} ahead while it ran; set it right, or restart the server if it is right";
            }

            var latest = now > DateTimeOffset.MaxValue - lead ? DateTimeOffset.MaxValue : now + lead;
            var evidence = Later(findEvidence(latest), Confirmed(limits, latest));
            if (now - evidence <= lead)
            {
                _verified = (now, timestamp);
                return null;
            }

            return evidence is { } known
                ? $"the server's clock is {Days(now - known)} past the newest event; events of these days confirm it, "
                    + "or the setting ClockConfirmedOn does"
                : "no event confirms the server's clock; events of these days do, or the setting ClockConfirmedOn";
        }
    }

    // The end of the day, anywhere on earth.
    private static DateTimeOffset? Confirmed(RetentionLimits limits, DateTimeOffset latest) =>
        limits.ClockConfirmedOn is { } day && new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero) is var start && start <= latest
            ? start.AddDays(1)
            : null;

    private static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) =>
        other is null || one > other ? one : other;

    private static string Days(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:0.0} days");
}
