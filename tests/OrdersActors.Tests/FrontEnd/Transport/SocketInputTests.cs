using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.Tests.FrontEnd.Transport;

public sealed class SocketInputTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bytes_stay_available_until_they_are_consumed()
    {
        using var input = new SocketInput(new ScriptedStream([[1, 2], [3], [4, 5, 6]]), TimeProvider.System);
        await input.FillAsync(3, Cancelled);
        Assert.Equal([1, 2, 3], input.Bytes.ToArray());
        input.Consume(1);
        await input.FillAsync(2, Cancelled);
        Assert.Equal([2, 3], input.Bytes.ToArray());
        await input.FillAsync(5, Cancelled);
        Assert.Equal([2, 3, 4, 5, 6], input.Bytes.ToArray());
    }

    [Fact]
    public async Task Time_of_the_last_read_is_known()
    {
        var time = new FakeTimeProvider();
        using var input = new SocketInput(new ScriptedStream([[1, 2], [3]]), time);
        var created = input.LastReadAt;
        time.Advance(TimeSpan.FromSeconds(1));
        await input.FillAsync(2, Cancelled);
        Assert.Equal(TimeSpan.FromSeconds(1), time.GetElapsedTime(created, input.LastReadAt));
        time.Advance(TimeSpan.FromSeconds(1));
        await input.FillAsync(1, Cancelled);
        Assert.Equal(TimeSpan.FromSeconds(1), time.GetElapsedTime(created, input.LastReadAt));
        await input.FillAsync(3, Cancelled);
        Assert.Equal(TimeSpan.FromSeconds(2), time.GetElapsedTime(created, input.LastReadAt));
    }

    [Fact]
    public async Task Read_after_a_wait_does_not_wait_again()
    {
        var stream = new ScriptedStream([[1, 2]]);
        using var input = new SocketInput(stream, TimeProvider.System);
        await input.WaitAsync(Cancelled);
        await input.FillAsync(2, Cancelled);
        Assert.Equal(2, stream.Reads);
    }

    [Fact]
    public async Task No_buffer_is_held_while_no_bytes_come()
    {
        var stream = new ScriptedStream([[1, 2]], ends: false);
        using var input = new SocketInput(stream, TimeProvider.System);
        await input.FillAsync(2, Cancelled);
        input.Consume(2);
        Assert.Empty(input.Bytes.ToArray());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var waiting = input.FillAsync(1, stop.Token).AsTask();
        Assert.Equal([0], stream.WaitingReads);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task End_of_the_transport_is_an_error_while_bytes_are_expected()
    {
        using var input = new SocketInput(new ScriptedStream([[1]]), TimeProvider.System);
        await Assert.ThrowsAsync<EndOfStreamException>(() => input.FillAsync(2, Cancelled).AsTask());
    }
}
