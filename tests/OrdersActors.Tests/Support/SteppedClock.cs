using Microsoft.Extensions.Time.Testing;

namespace OrdersActors.Tests.Support;

/// <summary>Moves a fake clock in small steps, while asynchronous code sets its timers.</summary>
internal static class SteppedClock
{
    private const int StepsPerSecond = 20;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    /// <summary>Moves the clock on until something has happened.</summary>
    public static async Task AdvanceUntilAsync(
        this FakeTimeProvider time, Func<bool> condition, Func<string> otherwise, int mostSeconds = 60)
    {
        // A real pause before each step lets the code set its timers. Every second step moves the clock.
        for (var step = 0; !condition(); step++)
        {
            Assert.True(step < mostSeconds * StepsPerSecond, otherwise());
            await Task.Delay(2, TestContext.Current.CancellationToken);
            if (step % 2 == 1)
            {
                time.Advance(Step);
            }
        }
    }

    /// <summary>Moves the clock on by a time, and lets what is due then happen.</summary>
    public static async Task AdvanceInStepsAsync(this FakeTimeProvider time, TimeSpan by)
    {
        for (var left = by; left > TimeSpan.Zero; left -= Step)
        {
            await Task.Delay(2, TestContext.Current.CancellationToken);
            time.Advance(left < Step ? left : Step);
        }

        await Task.Delay(20, TestContext.Current.CancellationToken);
    }
}
