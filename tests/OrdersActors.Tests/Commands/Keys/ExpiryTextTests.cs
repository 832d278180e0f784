using OrdersActors.Server.Commands.Keys;

namespace OrdersActors.Tests.Commands.Keys;

public sealed class ExpiryTextTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 28, 18, 5, 20, TimeSpan.Zero);

    [Theory]
    [InlineData("2027-01-31", "2027-01-31T00:00:00Z")]
    [InlineData("2027-01-31T12:00:00Z", "2027-01-31T12:00:00Z")]
    [InlineData("2027-01-31T12:00:00.5+02:00", "2027-01-31T10:00:00.5Z")]
    [InlineData("90d", "2027-02-26T18:05:20Z")]
    [InlineData("12h", "2026-11-29T06:05:20Z")]
    [InlineData("30m", "2026-11-28T18:35:20Z")]
    [InlineData("45s", "2026-11-28T18:06:05Z")]
    public void Date_time_and_time_from_now_are_read(string text, string expected)
    {
        Assert.Null(ExpiryText.FindError(text, mayBeNever: false, Now));
        Assert.Equal(
            DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture),
            ExpiryText.Parse(text, Now));
    }

    [Fact]
    public void Never_is_read_only_where_there_may_be_an_expiry_already()
    {
        Assert.Null(ExpiryText.FindError("never", mayBeNever: true, Now));
        Assert.Null(ExpiryText.Parse("never", Now));
        Assert.NotNull(ExpiryText.FindError("never", mayBeNever: false, Now));
    }

    [Theory]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("90")]
    [InlineData("d")]
    [InlineData("-1d")]
    [InlineData("1.5d")]
    [InlineData("90 d")]
    [InlineData("90w")]
    [InlineData("12345678901d")]
    [InlineData("31.01.2027")]
    [InlineData("2027-02-30")]
    [InlineData("2027-01-31T12:00:00")]
    [InlineData("Never")]
    public void Other_text_is_refused_with_the_forms_that_are_expected(string text)
    {
        var error = ExpiryText.FindError(text, mayBeNever: true, Now);
        Assert.StartsWith("must be a date (2027-01-31)", error, StringComparison.Ordinal);
        Assert.EndsWith($"is '{text}'.", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-11-28")]
    [InlineData("2026-11-28T18:05:20Z")]
    [InlineData("0d")]
    public void Past_time_is_refused(string text) => Assert.Contains(
        "must be in the future", ExpiryText.FindError(text, mayBeNever: false, Now), StringComparison.Ordinal);

    [Theory]
    [InlineData("36526d")]
    [InlineData("999999999d")]
    [InlineData("9999-12-31")]
    public void Time_after_a_century_is_refused(string text) => Assert.Contains(
        "within a hundred years", ExpiryText.FindError(text, mayBeNever: false, Now), StringComparison.Ordinal);
}
