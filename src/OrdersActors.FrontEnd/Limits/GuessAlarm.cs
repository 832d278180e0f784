using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.Logging;

namespace OrdersActors.FrontEnd.Limits;

/// <summary>Reports the guesses that a budget refused or delayed.</summary>
/// <remarks>
/// Every limited guess is counted in the metric. A warning summarizes them at most once per
/// <see cref="WarningInterval"/>, so that an attacker cannot fill the log. Neither contains the guessed key or order.
/// Thread-safe.
/// </remarks>
internal sealed partial class GuessAlarm(TimeProvider time, ILogger<GuessAlarm> logger)
{
    public static readonly TimeSpan WarningInterval = TimeSpan.FromMinutes(1);

    private static readonly Meter Meter = new(OrderMetrics.MeterName);

    private static readonly Counter<long> LimitedGuesses = Meter.CreateCounter<long>(
        "orders_actors.guesses_limited", "{guess}",
        "Possible guesses past a budget. The tag target: api_key or order. The tag scope: connection or address for "
        + "those that were refused unchecked, key for denials that were answered late.");

    private readonly Lock _lock = new();
    private int _sinceWarning;
    private long? _warnedAt;

    /// <summary>Reports one limited guess.</summary>
    /// <param name="target">The secret that may have been guessed.</param>
    /// <param name="scope">The budget that was used up.</param>
    /// <param name="address">The client's address; null on a Unix socket.</param>
    /// <param name="organizationId">The client's organization; null before it has authenticated.</param>
    public void Limited(GuessTarget target, GuessScope scope, IPAddress? address, string? organizationId)
    {
        Count(1, target, scope);
        int count;
        lock (_lock)
        {
            _sinceWarning++;
            if (_warnedAt is { } warnedAt && time.GetElapsedTime(warnedAt) < WarningInterval)
            {
                return;
            }

            _warnedAt = time.GetTimestamp();
            (count, _sinceWarning) = (_sinceWarning, 0);
        }

        LogLimited(count, target, address, organizationId, Tag(scope), WarningInterval);
    }

    /// <summary>Counts 0 for each tag; see <see cref="MetricZeros"/>.</summary>
    public static void CountZeros()
    {
        Count(0, GuessTarget.ApiKey, GuessScope.Connection);
        Count(0, GuessTarget.ApiKey, GuessScope.Address);
        Array.ForEach(Enum.GetValues<GuessScope>(), static scope => Count(0, GuessTarget.Order, scope));
    }

    private static void Count(int guesses, GuessTarget target, GuessScope scope) => LimitedGuesses.Add(
        guesses,
        new KeyValuePair<string, object?>("target", target == GuessTarget.ApiKey ? "api_key" : "order"),
        new KeyValuePair<string, object?>("scope", Tag(scope)));

    private static string Tag(GuessScope scope) => scope switch
    {
        GuessScope.Connection => "connection",
        GuessScope.Address => "address",
        _ => "key",
    };

    [LoggerMessage(1344, LogLevel.Warning,
        "Clients seem to guess API keys or order ids: limited {Count} guesses since the last such warning. The newest "
        + "one was for {Target} and came from {RemoteAddress}, organization {OrganizationId}; the budget of its "
        + "{Scope} is used up. The next warning comes after {Interval} at the earliest; the metric "
        + "orders_actors.guesses_limited counts every limited guess")]
    private partial void LogLimited(
        int count, GuessTarget target, IPAddress? remoteAddress, string? organizationId, string scope,
        TimeSpan interval);
}
