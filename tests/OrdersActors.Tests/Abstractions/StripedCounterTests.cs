namespace OrdersActors.Tests.Abstractions;

public sealed class StripedCounterTests
{
    [Fact]
    public void Sum_has_every_addition_of_all_threads()
    {
        const int Threads = 8;
        const int Additions = 100_000;
        var counter = new StripedCounter();
        Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, _ =>
        {
            for (var i = 0; i < Additions; i++)
            {
                counter.Add(2);
            }
        });
        Assert.Equal(2L * Threads * Additions, counter.Sum);
    }

    [Fact]
    public void Counter_begins_with_zero() => Assert.Equal(0, new StripedCounter().Sum);
}
