using System.Text;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Feeds;

public sealed class FrameBatchTests
{
    private static readonly FeedKey Order = new("shop", "o");

    [Fact]
    public void Joined_frames_are_the_frames_one_after_the_other_in_bounded_parts()
    {
        var frames = Enumerable.Range(1, 5000).Select(number => Frame(number)).ToArray();
        var batch = new FrameBatch(frames);
        Assert.Equal((1L, 5000L, 5000L), (batch.First, batch.Last, batch.NewestSequence));
        Assert.True(batch.IsContiguous);
        Assert.Equal(frames.SelectMany(frame => frame.Bytes), batch.Joined.SelectMany(part => part));
        Assert.InRange(batch.Joined.Length, 2, 100);
        Assert.All(batch.Joined, part => Assert.InRange(part.Length, 1, FrameBatch.MaxJoined));
        Assert.Same(batch.Joined, batch.Joined);
    }

    [Fact]
    public void Single_frame_is_not_copied()
    {
        var frame = Frame(7);
        Assert.Same(frame.Bytes, Assert.Single(new FrameBatch([frame]).Joined));
    }

    [Fact]
    public void Batch_with_a_missing_number_is_not_contiguous() =>
        Assert.False(new FrameBatch([Frame(1), Frame(3)]).IsContiguous);

    [Fact]
    public void Compressed_frames_are_joined_for_clients_whose_window_has_room_for_each_of_them()
    {
        var frames = Enumerable.Range(1, 500).Select(number => new EventFrame(Order, LargeEvent(number))).ToArray();
        var batch = new FrameBatch(frames);
        Assert.Same(batch.Joined, batch.JoinedFor(0));
        Assert.Same(batch.Joined, batch.JoinedFor(frames[0].Bytes.Length - 1));
        var compressed = batch.JoinedFor(int.MaxValue);
        Assert.Same(compressed, batch.JoinedFor(frames.Max(frame => frame.Bytes.Length)));
        Assert.Equal(frames.SelectMany(frame => frame.Compressed), compressed.SelectMany(part => part));
        Assert.InRange(compressed.Sum(part => part.Length), 1, batch.Joined.Sum(part => part.Length) / 2);
        Assert.All(compressed, part => Assert.InRange(part.Length, 1, FrameBatch.MaxJoined));
        Assert.Same(frames[0].Compressed, Assert.Single(new FrameBatch(frames[..1]).JoinedFor(int.MaxValue)));
    }

    private static EncodedOrderEvent LargeEvent(long number) => FrontEndGrains.Event("o", number) with
    {
        Json = Encoding.UTF8.GetBytes($$"""{"details":"{{new string('x', 1000)}}"}"""),
    };

    private static EventFrame Frame(long number) => new(Order, FrontEndGrains.Event("o", number));
}
