using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.Tests.FrontEnd.Transport;

public class DrainPaceTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly DrainPace _pace;

    public DrainPaceTests() => _pace = new DrainPace(new DrainBudget(_time), _time);

    [Fact]
    public async Task Largest_message_is_dropped_at_once_and_then_a_pause_follows()
    {
        await Drop(DrainPace.BytesPerStep - 1);

        var waiting = Drop(1).AsTask();

        Assert.False(waiting.IsCompleted);
        _time.Advance(DrainPace.Pause);
        await waiting;
    }

    [Fact]
    public async Task Pause_is_longer_if_other_clients_use_the_budget()
    {
        var budget = new DrainBudget(_time);
        budget.Take(DrainBudget.BytesPerSecond);
        var waiting = new DrainPace(budget, _time)
            .WaitAsync(DrainPace.BytesPerStep, TestContext.Current.CancellationToken).AsTask();

        _time.Advance(TimeSpan.FromSeconds(0.99));
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.01));
        await waiting;
    }

    [Fact]
    public void Nothing_is_left_after_the_maximum()
    {
        for (var dropped = 0L; dropped < DrainPace.MaxBytes; dropped += DrainPace.BytesPerStep)
        {
            Assert.True(_pace.HasLeft);
            _ = Drop(DrainPace.BytesPerStep).AsTask();
        }

        Assert.False(_pace.HasLeft);
    }

    [Fact]
    public async Task Pause_ends_when_the_transport_is_aborted()
    {
        using var aborted = new CancellationTokenSource();
        var waiting = _pace.WaitAsync(DrainPace.BytesPerStep, aborted.Token).AsTask();

        await aborted.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    private ValueTask Drop(int bytes) => _pace.WaitAsync(bytes, TestContext.Current.CancellationToken);
}
