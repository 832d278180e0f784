namespace OrdersActors.Publishing;

/// <summary>
/// Knows whether the application's Orleans client has started. Orleans answers calls on a stream of a client that has
/// not started with a <see cref="NullReferenceException"/>.
/// </summary>
internal sealed class StreamsStarted : ILifecycleParticipant<IClusterClientLifecycle>
{
    private readonly TaskCompletionSource<bool> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<bool> Started => _started.Task;

    // The last stage: the stream provider is initialized in an earlier one.
    public void Participate(IClusterClientLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(StreamsStarted),
        ServiceLifecycleStage.Last,
        _ =>
        {
            _started.TrySetResult(true);
            return Task.CompletedTask;
        });
}
