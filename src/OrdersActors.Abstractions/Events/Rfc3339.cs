namespace OrdersActors;

/// <summary>
/// Reads the time format that every input uses: RFC 3339's <c>date-time</c> and nothing else. A time without an offset
/// is ambiguous on another machine, so it is rejected.
/// </summary>
/// <remarks>
/// Example: <c>2026-01-02T03:04:05.678901+01:00</c>. <c>T</c> and <c>Z</c> may be lower case. A space instead of
/// <c>T</c> is rejected. The offset is <c>Z</c> or <c>±hh:mm</c>, up to 23:59. The fraction has one or more digits;
/// digits after the sixth are dropped. Second 60 is accepted only where a leap second can occur, at the end of a month
/// in UTC. It is read as the last microsecond before midnight.
/// </remarks>
public static class Rfc3339
{
    private const int DateAndTimeLength = 19;

    /// <summary>Reads a time. The result is in UTC and has whole microseconds.</summary>
    /// <returns>False if the text has another format, or the time is outside the years 1 to 9999 in UTC.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out DateTimeOffset time)
    {
        time = default;
        if (text.Length < DateAndTimeLength + 1
            || text[4] != '-' || text[7] != '-' || text[10] is not ('T' or 't') || text[13] != ':' || text[16] != ':'
            || !TryNumber(text[..4], 1, 9999, out var year)
            || !TryNumber(text[5..7], 1, 12, out var month)
            || !TryNumber(text[8..10], 1, DateTime.DaysInMonth(year, month), out var day)
            || !TryNumber(text[11..13], 0, 23, out var hour)
            || !TryNumber(text[14..16], 0, 59, out var minute)
            || !TryNumber(text[17..19], 0, 60, out var second)
            || !TryFraction(text[DateAndTimeLength..], out var microseconds, out var length)
            || !TryOffset(text[(DateAndTimeLength + length)..], out var offset))
        {
            return false;
        }

        var isLeap = second == 60;
        var local = new DateTime(year, month, day, hour, minute, isLeap ? 59 : second, DateTimeKind.Utc);
        var ticks = local.Ticks + ((isLeap ? 999_999 : microseconds) * TimeSpan.TicksPerMicrosecond)
            - (offset * TimeSpan.TicksPerMinute);
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        time = new DateTimeOffset(ticks, TimeSpan.Zero);
        return !isLeap || IsLastMinuteOfMonth(time);
    }

    private static bool IsLastMinuteOfMonth(DateTimeOffset time) =>
        time is { Hour: 23, Minute: 59 } && time.Day == DateTime.DaysInMonth(time.Year, time.Month);

    private static bool TryNumber(ReadOnlySpan<char> digits, int least, int most, out int number)
    {
        number = 0;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit(digit))
            {
                return false;
            }

            number = (number * 10) + (digit - '0');
        }

        return number >= least && number <= most;
    }

    private static bool TryFraction(ReadOnlySpan<char> text, out int microseconds, out int length)
    {
        (microseconds, length) = (0, 0);
        if (text[0] != '.')
        {
            return true;
        }

        var scale = 100_000;
        for (length = 1; length < text.Length && char.IsAsciiDigit(text[length]); length++)
        {
            microseconds += (text[length] - '0') * scale;
            scale /= 10;
        }

        return length > 1;
    }

    private static bool TryOffset(ReadOnlySpan<char> text, out int minutes)
    {
        minutes = 0;
        if (text is "Z" or "z")
        {
            return true;
        }

        if (text.Length != 6 || text[0] is not ('+' or '-') || text[3] != ':'
            || !TryNumber(text[1..3], 0, 23, out var hours)
            || !TryNumber(text[4..6], 0, 59, out var rest))
        {
            return false;
        }

        minutes = ((hours * 60) + rest) * (text[0] == '-' ? -1 : 1);
        return true;
    }
}
