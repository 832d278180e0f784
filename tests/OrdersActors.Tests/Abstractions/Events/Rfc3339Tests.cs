using System.Globalization;

namespace OrdersActors.Tests.Abstractions.Events;

public sealed class Rfc3339Tests
{
    [Theory]
    [InlineData("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000000")]
    [InlineData("2026-01-02t03:04:05z", "2026-01-02T03:04:05.000000")]
    [InlineData("2026-01-02T03:04:05+01:30", "2026-01-02T01:34:05.000000")]
    [InlineData("2026-01-02T03:04:05-23:59", "2026-01-03T03:03:05.000000")]
    [InlineData("2026-01-02T03:04:05-00:00", "2026-01-02T03:04:05.000000")]
    [InlineData("2026-01-02T03:04:05.6Z", "2026-01-02T03:04:05.600000")]
    [InlineData("2026-01-02T03:04:05.6789019999999999999999Z", "2026-01-02T03:04:05.678901")]
    [InlineData("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000")]
    [InlineData("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000")]
    [InlineData("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999999")]
    [InlineData("2017-01-01T00:59:60.5+01:00", "2016-12-31T23:59:59.999999")]
    public void Date_time_with_an_offset_is_read_to_the_microsecond(string text, string utc)
    {
        Assert.True(Rfc3339.TryParse(text, out var time));
        Assert.Equal(TimeSpan.Zero, time.Offset);
        Assert.Equal(utc, time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff", CultureInfo.InvariantCulture));
        Assert.Equal(0, time.Ticks % TimeSpan.TicksPerMicrosecond);
    }

    [Theory]
    [InlineData("")]
    [InlineData("now")]
    [InlineData("2026-01-02")]
    [InlineData("2026-01-02T03:04:05")]
    [InlineData("2026-01-02T03:04Z")]
    [InlineData("2026-01-02 03:04:05Z")]
    [InlineData("2026-01-02T03:04:05 Z")]
    [InlineData(" 2026-01-02T03:04:05Z")]
    [InlineData("2026-01-02T03:04:05Z ")]
    [InlineData("2026-01-02T03:04:05.Z")]
    [InlineData("2026-01-02T03:04:05,5Z")]
    [InlineData("2026-01-02T03:04:05+0100")]
    [InlineData("2026-01-02T03:04:05+01")]
    [InlineData("2026-01-02T03:04:05+24:00")]
    [InlineData("2026-01-02T03:04:05+01:60")]
    [InlineData("2026-01-02T24:00:00Z")]
    [InlineData("2026-01-02T03:60:00Z")]
    [InlineData("2026-01-02T03:04:61Z")]
    [InlineData("2026-01-02T03:04:60Z")]
    [InlineData("2016-12-30T23:59:60Z")]
    [InlineData("2026-02-29T00:00:00Z")]
    [InlineData("2026-13-01T00:00:00Z")]
    [InlineData("2026-00-01T00:00:00Z")]
    [InlineData("2026-01-00T00:00:00Z")]
    [InlineData("0000-01-01T00:00:00Z")]
    [InlineData("12026-01-02T03:04:05Z")]
    [InlineData("9999-12-31T23:59:59-00:01")]
    [InlineData("0001-01-01T00:00:00+00:01")]
    [InlineData("٢٠٢٦-01-02T03:04:05Z")]
    [InlineData("Fri, 02 Jan 2026 03:04:05 GMT")]
    [InlineData("1767323045")]
    public void Other_text_is_refused(string text) => Assert.False(Rfc3339.TryParse(text, out _));
}
