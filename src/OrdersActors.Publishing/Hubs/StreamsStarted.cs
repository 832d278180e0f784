namespace OrdersActors.Publishing;

/// <summary>
/// Knows whether the application's Orleans client runs. Orleans answers calls on a stream of a client that has not started,
/// or has stopped, with a <see cref="NullReferenceException"/>.
/// </summary>
internal sealed class StreamsStarted : ILifecycleParticipant<IClusterClientLifecycle>
{
    private readonly TaskCompletionSource<bool> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private volatile bool _isStopped;

    public Task<bool> Started => _started.Task;

    public bool IsStopped => _isStopped;

    // The last stage: the stream provider is initialized in an earlier one.
    public void Participate(IClusterClientLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(StreamsStarted),
        ServiceLifecycleStage.Last,
        _ =>
        {
            _started.TrySetResult(true);
            return Task.CompletedTask;
        },
        _ =>
        {
            _isStopped = true;
            return Task.CompletedTask;
        });
}
