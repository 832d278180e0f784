using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd.Limits;

namespace OrdersActors.Tests.FrontEnd.Limits;

public sealed class BudgetTableTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Budget_admits_its_size_and_refills_at_its_rate()
    {
        var table = new BudgetTable<string>(3, 2, _time);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(TimeSpan.Zero, table.GetWait("a"));
            Assert.Equal(TimeSpan.Zero, table.Spend("a"));
        }

        Assert.Equal(TimeSpan.FromSeconds(0.5), table.GetWait("a"));
        Assert.Equal(TimeSpan.Zero, table.GetWait("b"));
        _time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Equal(TimeSpan.Zero, table.GetWait("a"));
        // An hour fills the budget, and no more than that.
        _time.Advance(TimeSpan.FromHours(1));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(TimeSpan.Zero, table.Spend("a"));
        }

        Assert.NotEqual(TimeSpan.Zero, table.GetWait("a"));
    }

    [Fact]
    public void Overdrawn_budget_takes_longer_to_refill()
    {
        var table = new BudgetTable<string>(1, 2, _time);
        Assert.Equal(TimeSpan.Zero, table.Spend("a"));
        Assert.Equal(TimeSpan.FromSeconds(0.5), table.Spend("a"));
        Assert.Equal(TimeSpan.FromSeconds(1), table.Spend("a"));
        Assert.Equal(TimeSpan.FromSeconds(1.5), table.GetWait("a"));
    }

    [Fact]
    public void Overdraft_is_bounded_if_the_table_has_a_bound()
    {
        var table = new BudgetTable<string>(1, 2, _time, maxOverdraft: 4);
        for (var i = 0; i < 1_000; i++)
        {
            Assert.InRange(table.Spend("a"), TimeSpan.Zero, TimeSpan.FromSeconds(2));
        }

        Assert.Equal(TimeSpan.FromSeconds(2), table.Spend("a"));
        _time.Advance(TimeSpan.FromSeconds(2.5));
        Assert.Equal(TimeSpan.Zero, table.GetWait("a"));
    }

    [Fact]
    public void Unlimited_owners_take_bounded_memory_and_share_a_budget()
    {
        var table = new BudgetTable<int>(5, 1, _time);
        for (var i = 0; i < BudgetTable<int>.MaxBudgets + 5; i++)
        {
            table.Spend(i);
        }

        Assert.Equal(BudgetTable<int>.MaxBudgets, table.Count);
        // The owner of a budget keeps it. All others have used up the shared one.
        Assert.Equal(TimeSpan.Zero, table.GetWait(1));
        Assert.NotEqual(TimeSpan.Zero, table.GetWait(-1));
        Assert.NotEqual(TimeSpan.Zero, table.GetWait(-2));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.Zero, table.GetWait(-1));
        table.Spend(-1);
        Assert.Equal(1, table.Count);
    }
}
