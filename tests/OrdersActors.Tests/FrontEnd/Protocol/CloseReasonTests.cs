using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.Tests.FrontEnd.Protocol;

public sealed class CloseReasonTests
{
    [Fact]
    public void Unacceptable_frame_closes_with_the_status_of_its_fault()
    {
        AssertReason(UnacceptableFrameException.Violation("what"), 1002, "invalid message: what");
        AssertReason(
            UnacceptableFrameException.BinaryMessage(), 1003,
            "invalid message: expected a text message, got a binary one");
        AssertReason(UnacceptableFrameException.InvalidUtf8(), 1007, "invalid message: expected UTF-8");
        AssertReason(
            UnacceptableFrameException.TooManyEmptyFrames(16), 1008,
            "rate limited: more than 16 empty frames in one message");
        AssertReason(
            UnacceptableFrameException.MessageTooBig(1000), 1009, "invalid message: longer than 1000 bytes");
    }

    [Fact]
    public void Error_message_announces_the_close_frame()
    {
        var frames = CloseReason.HistoryRewritten.ToFrames();
        Assert.Equal(
            """{"type":"error","data":{"code":"unavailable","message":"temporarily unavailable: the history of """
            + """events was rewritten; connect again, resume, and check \"resumed\""}}""",
            ServerFramesTests.Text(frames[0]));
        Assert.Equal(WebSocketFrame.Close(1012, "temporarily unavailable"), frames[1]);
    }

    [Fact]
    public void Only_clients_that_do_not_read_lose_their_queued_frames()
    {
        Assert.True(CloseReason.TooSlow.DiscardQueue);
        Assert.True(CloseReason.HistoryGone.DiscardQueue);
        Assert.True(CloseReason.QueuesFull.DiscardQueue);
        Assert.False(CloseReason.ServerStopping.DiscardQueue);
        Assert.False(CloseReason.HistoryRewritten.DiscardQueue);
    }

    [Fact]
    public void Client_reconnects_by_itself_only_if_a_new_signature_can_help()
    {
        Assert.Equal((1012, "unavailable"), (CloseReason.SecretEnded.Status, CloseReason.SecretEnded.Code.Code));
        Assert.Equal((1008, "access_denied"), (CloseReason.KeyRestricted.Status, CloseReason.KeyRestricted.Code.Code));
        Assert.Equal((1008, "invalid_api_key"), (CloseReason.KeyExpired.Status, CloseReason.KeyExpired.Code.Code));
        Assert.Equal((1008, "invalid_api_key"), (CloseReason.KeyRevoked.Status, CloseReason.KeyRevoked.Code.Code));
    }

    private static void AssertReason(UnacceptableFrameException e, int status, string message)
    {
        var reason = CloseReason.Of(e);
        Assert.Equal(status, reason.Status);
        Assert.Contains($"\"{message}\"", ServerFramesTests.Text(reason.ToFrames()[0]), StringComparison.Ordinal);
    }
}
