using System.Text;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Feeds;

public sealed class EventFrameTests
{
    [Fact]
    public void Compressed_frame_is_made_once_for_all_threads_that_need_it()
    {
        for (var i = 0; i < 50; i++)
        {
            var frame = Frame(5000);
            var seen = new byte[4][];
            Parallel.For(0, seen.Length, n => seen[n] = frame.Compressed);
            Assert.All(seen, compressed => Assert.Same(frame.Compressed, compressed));
        }
    }

    [Fact]
    public void Client_gets_the_compressed_frame_only_if_the_event_fits_into_its_window()
    {
        var frame = Frame(5000);
        Assert.NotSame(frame.Bytes, frame.Compressed);
        Assert.Same(frame.Bytes, frame.In(FrameEncoding.WebSocket));
        Assert.Same(frame.Bytes, frame.In(FrameEncoding.WebSocket, frame.Bytes.Length - 1));
        Assert.Same(frame.Compressed, frame.In(FrameEncoding.WebSocket, frame.Bytes.Length));
        Assert.Same(frame.Compressed, frame.In(FrameEncoding.WebSocket, int.MaxValue));
        Assert.Same(frame.In(FrameEncoding.ServerSent), frame.In(FrameEncoding.ServerSent, int.MaxValue));
    }

    [Fact]
    public void Short_event_is_not_compressed()
    {
        var frame = Frame(10);
        Assert.Same(frame.Bytes, frame.In(FrameEncoding.WebSocket, int.MaxValue));
    }

    private static EventFrame Frame(int details) => new(new FeedKey("shop", "o"), FrontEndGrains.Event("o", 1) with
    {
        Json = Encoding.UTF8.GetBytes($$"""{"details":"{{new string('x', details)}}"}"""),
    });
}
