using Microsoft.Extensions.Hosting;

namespace OrdersActors.Tests.Support;

/// <summary>
/// Stops a service at the moment when its work fails. The host reports a service that fails as a fatal error, also
/// while it stops.
/// </summary>
internal static class StopDuringFailure
{
    /// <summary>Asserts that the service ends without a failure.</summary>
    /// <param name="service">The service, not started.</param>
    /// <param name="setWork">Sets what the service calls and awaits.</param>
    /// <param name="advance">Advances the service's clock.</param>
    public static async Task AssertEndsAsync(BackgroundService service, Action<Func<Task>> setWork, Action advance)
    {
        var stop = new TaskCompletionSource<Task>();
        setWork(() =>
        {
            if (!stop.Task.IsCompleted)
            {
                stop.SetResult(service.StopAsync(CancellationToken.None));
            }

            return Task.FromException(new TimeoutException("the silo has stopped"));
        });
        await service.StartAsync(CancellationToken.None);
        await Eventually.Holds(
            () =>
            {
                advance();
                return stop.Task.IsCompleted;
            },
            () => "the service did not work");
        await (await stop.Task).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.True(service.ExecuteTask!.IsCompleted);
        Assert.False(service.ExecuteTask.IsFaulted, $"{service.ExecuteTask.Exception}");
    }
}
