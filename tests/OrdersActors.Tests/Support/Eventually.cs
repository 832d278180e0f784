namespace OrdersActors.Tests.Support;

/// <summary>Waits until an asynchronous effect occurs. Only failing tests reach the timeout.</summary>
public static class Eventually
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    public static async Task Holds(Func<bool> condition, Func<string> otherwise)
    {
        using var timeout = new CancellationTokenSource(WaitTimeout);
        while (!condition())
        {
            if (timeout.IsCancellationRequested)
            {
                Assert.Fail(otherwise());
            }

            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    public static Task Equal<T>(IEnumerable<T> expected, Func<IEnumerable<T>> actual)
    {
        var wanted = expected.ToArray();
        return Holds(() => wanted.SequenceEqual(actual()), () =>
            $"expected {string.Join(' ', wanted)}{Environment.NewLine}but saw {string.Join(' ', actual())}");
    }
}
