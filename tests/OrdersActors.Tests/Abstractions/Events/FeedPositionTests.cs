namespace OrdersActors.Tests.Abstractions.Events;

public sealed class FeedPositionTests
{
    [Theory]
    [InlineData(0, 1, NumberCheck.Next)]
    [InlineData(0, 2, NumberCheck.Gap)]
    [InlineData(7, 1, NumberCheck.Duplicate)]
    [InlineData(7, 7, NumberCheck.Duplicate)]
    [InlineData(7, 8, NumberCheck.Next)]
    [InlineData(7, 9, NumberCheck.Gap)]
    public void Number_is_a_duplicate_the_next_one_or_follows_a_gap(long last, long number, NumberCheck expected)
    {
        var position = new FeedPosition(last);
        Assert.Equal(expected, position.Check(number));
        Assert.Equal(expected == NumberCheck.Duplicate, position.Includes(number));
        Assert.Equal(expected == NumberCheck.Next, position.Next == number);
    }

    [Fact]
    public void Position_never_moves_back_and_passes_gaps()
    {
        var position = default(FeedPosition).Advance(1).Advance(5).Advance(3);
        Assert.Equal(new FeedPosition(5), position);
        Assert.Equal(NumberCheck.Next, position.Check(6));
    }
}
