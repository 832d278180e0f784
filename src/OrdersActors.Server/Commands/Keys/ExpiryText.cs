using System.Globalization;

namespace OrdersActors.Server.Commands.Keys;

/// <summary>The expiry of a key as an operator writes it: a date, a time, or a time from now.</summary>
internal static class ExpiryText
{
    private const string Never = "never";

    // A hundred years.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(36_525);

    /// <summary>
    /// Returns what is wrong with the text, as the end of a sentence about the option; null if nothing is wrong.
    /// </summary>
    public static string? FindError(string text, bool mayBeNever, DateTimeOffset now)
    {
        if (text == Never && mayBeNever)
        {
            return null;
        }

        return Parse(text, now) switch
        {
            null => "must be a date (2027-01-31), a time with its offset (2027-01-31T12:00:00Z) or a time from now "
                + $"(90d, 12h, 30m, 45s){(mayBeNever ? ", or never" : "")}, is '{text}'.",
            { } at when at <= now => $"must be in the future, is '{text}'; to end a key now, revoke it.",
            { } at when at - now > Longest => $"must be within a hundred years, is '{text}'.",
            _ => null,
        };
    }

    /// <summary>
    /// Returns the time that the text means, UTC; null if it means never, or is none of the three forms. A date means
    /// its beginning in UTC.
    /// </summary>
    public static DateTimeOffset? Parse(string text, DateTimeOffset now)
    {
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            return new DateTimeOffset(date, TimeOnly.MinValue, TimeSpan.Zero);
        }

        return Rfc3339.TryParse(text, out var time) ? time : FromNow(text, now);
    }

    private static DateTimeOffset? FromNow(string text, DateTimeOffset now)
    {
        // Nine digits: an int holds them, but a DateTimeOffset does not hold so many days.
        if (text.Length is < 2 or > 10
            || !int.TryParse(text.AsSpan(..^1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return null;
        }

        var seconds = text[^1] switch { 's' => 1L, 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => 0 };
        if (seconds == 0)
        {
            return null;
        }

        var span = count * seconds;
        return span > (DateTimeOffset.MaxValue - now).TotalSeconds ? DateTimeOffset.MaxValue : now.AddSeconds(span);
    }
}
