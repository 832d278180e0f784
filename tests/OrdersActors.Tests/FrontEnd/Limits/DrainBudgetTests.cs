using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd.Limits;

namespace OrdersActors.Tests.FrontEnd.Limits;

public class DrainBudgetTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly DrainBudget _budget;

    public DrainBudgetTests() => _budget = new DrainBudget(_time);

    [Fact]
    public void Turns_come_one_after_another_and_what_was_not_used_does_not_add_up()
    {
        Assert.Equal([0, 0.5, 1], Waits(3));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([0.5, 1], Waits(2));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal([0, 0.5], Waits(2));
    }

    [Fact]
    public void Wait_is_bounded_and_those_who_wait_so_long_take_no_turn()
    {
        Assert.Equal(DrainBudget.MaxWait.TotalSeconds, Waits(100)[^1]);
        _time.Advance(DrainBudget.MaxWait);
        Assert.Equal([0, 0.5], Waits(2));
    }

    private double[] Waits(int turns) =>
        [.. Enumerable.Range(0, turns).Select(_ => _budget.Take(DrainBudget.BytesPerSecond / 2).TotalSeconds)];
}
