using OrdersActors.Benchmarks.Soak;

namespace OrdersActors.Tests.Benchmarks.Soak;

public sealed class SoakVerdictTests
{
    private const double MiB = 1024 * 1024;

    [Fact]
    public void Steady_soak_has_no_reason() =>
        Assert.Empty(SoakVerdict.Growths([.. Enumerable.Repeat(Minute(300, 50, 0.5), 30)]));

    [Fact]
    public void Growth_from_the_first_to_the_last_minutes_is_a_reason()
    {
        var minutes = Enumerable.Range(0, 30).Select(i => Minute(300 + (i * 10), 50 + (i * 5), 0.5 + (i * 0.02)));
        Assert.Equal(
        [
            "the resident memory grew from 320 MiB to 570 MiB",
            "the live heap grew from 60 MiB to 185 MiB",
            "the CPU grew from 54 % to 104 %",
        ], SoakVerdict.Growths([.. minutes]));
    }

    [Fact]
    public void Small_growth_is_no_reason() =>
        Assert.Empty(SoakVerdict.Growths([Minute(100, 10, 0.1), Minute(160, 40, 0.19)]));

    [Fact]
    public void Heap_that_is_unknown_at_the_beginning_is_no_reason() =>
        Assert.Empty(SoakVerdict.Growths([Minute(300, 0, 0.5), Minute(300, 100, 0.5)]));

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 1)]
    [InlineData(9, 4)]
    [InlineData(30, 5)]
    public void Short_soak_compares_its_halves(int minutes, int compared) =>
        Assert.Equal(compared, SoakVerdict.Compared(minutes));

    private static SoakMinute Minute(double memory, double heap, double cpu) =>
        new(25_000, memory * MiB, heap * MiB, cpu, 1, 5, 600, 0);
}
