using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.Tests.FrontEnd.Transport;

public sealed class FrameBacklogTests
{
    private readonly FrameBacklog _backlog = new();

    [Fact]
    public void Frames_are_taken_in_order_and_count_until_they_are_written()
    {
        _backlog.Add([1]);
        _backlog.Add([2, 2]);
        var cost = 3 + (2 * WebSocketFrame.Overhead);
        Assert.Equal(cost, _backlog.Bytes);
        Assert.Equal([[1], [2, 2]], _backlog.TakeAll(out _)!);
        Assert.Equal(cost, _backlog.Bytes);
        _backlog.OnWritten(cost);
        Assert.Equal(0, _backlog.Bytes);
    }

    [Fact]
    public void Frames_that_are_added_during_a_write_are_taken_next()
    {
        _backlog.Add([1]);
        var taken = _backlog.TakeAll(out _)!;
        _backlog.Add([2]);
        Assert.Equal([[1]], taken);
        taken.Clear();
        var next = _backlog.TakeAll(out _)!;
        Assert.Equal([[2]], next);
        next.Clear();
        Assert.Null(_backlog.TakeAll(out _));
    }

    [Fact]
    public void Newest_pong_replaces_a_waiting_one_and_goes_first()
    {
        _backlog.Add([1]);
        _backlog.SetPong([10, 1, 1]);
        Assert.Equal(_backlog.Bytes - 1, _backlog.BytesWithPong([10, 2]));
        _backlog.SetPong([10, 2]);
        Assert.Equal(3 + (2 * WebSocketFrame.Overhead), _backlog.Bytes);
        Assert.Equal([[10, 2], [1]], _backlog.TakeAll(out _)!);
    }

    [Fact]
    public void Discarded_frames_no_longer_count_and_frames_being_written_do()
    {
        _backlog.Add([1]);
        _backlog.TakeAll(out _);
        _backlog.Add([2]);
        _backlog.SetPong([10]);
        _backlog.DiscardWaiting();
        Assert.Equal(1 + WebSocketFrame.Overhead, _backlog.Bytes);
        _backlog.Clear();
        Assert.Equal(0, _backlog.Bytes);
    }
}
