using OrdersActors.FrontEnd.Limits;

namespace OrdersActors.Tests.FrontEnd.Limits;

public sealed class QueueBudgetTests
{
    [Fact]
    public async Task Waiting_ends_each_time_the_bound_is_exceeded()
    {
        var budget = new QueueBudget(10_000);
        for (var i = 0; i < 3; i++)
        {
            var waiting = budget.WaitUntilExceededAsync(TestContext.Current.CancellationToken);
            budget.Add(10_000);
            Assert.False(waiting.IsCompleted);
            Assert.False(budget.IsExceeded);
            budget.Add(1);
            await waiting;
            Assert.True(budget.IsExceeded);
            budget.Add(-10_001);
        }
    }

    [Fact]
    public void Nothing_more_is_queued_at_five_quarters_of_the_bound()
    {
        var budget = new QueueBudget(10_000);
        budget.Add(12_499);
        Assert.False(budget.IsFull);
        budget.Add(1);
        Assert.True(budget.IsFull);
    }

    [Fact]
    public void Zero_means_no_bound()
    {
        var budget = new QueueBudget(0);
        budget.Add(int.MaxValue);
        Assert.False(budget.IsExceeded || budget.IsFull);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(4095, 0)]
    [InlineData(4096, 4096)]
    [InlineData(10_000, 8192)]
    public void Queues_count_in_steps(int bytes, int counted) => Assert.Equal(counted, QueueBudget.Counted(bytes));
}
