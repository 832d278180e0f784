namespace OrdersActors.Publishing.Hubs;

/// <summary>
/// Tracks whether the application's Orleans client runs. If a client has not started or has stopped, Orleans throws a
/// <see cref="NullReferenceException"/> on calls to its streams.
/// </summary>
internal sealed class ClientLifetime : ILifecycleParticipant<IClusterClientLifecycle>
{
    private readonly TaskCompletionSource<bool> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Volatile, because the thread that stops the client writes it and publishers read it.
    private volatile bool _isStopped;

    public Task<bool> Started => _started.Task;

    public bool IsStopped => _isStopped;

    // The last stage, because the stream provider is initialized in an earlier one.
    public void Participate(IClusterClientLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(ClientLifetime),
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
