namespace OrdersActors.Client.Connections;

/// <summary>
/// Detects a dead connection: a network that is gone closes nothing. After 25 s of silence it sends a ping. If nothing
/// comes within 5 s, the connection is dead.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="ping">Sends a ping.</param>
/// <param name="isBusy">Whether the answer to a ping waits behind answers to other requests.</param>
internal sealed class Liveness(TimeProvider time, Action ping, Func<bool> isBusy)
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan Answer = TimeSpan.FromSeconds(5);

    // The server answers messages in order and retries a subscribe for 10 s. A ping waits behind it.
    private static readonly TimeSpan AnswerWhenBusy = TimeSpan.FromSeconds(15);

    private long _heardAt = time.GetTimestamp();

    /// <summary>Something came from the server. Any thread.</summary>
    public void Heard() => Volatile.Write(ref _heardAt, time.GetTimestamp());

    /// <summary>Ends when the connection is dead.</summary>
    public async Task WaitForDeathAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var quiet = time.GetElapsedTime(Volatile.Read(ref _heardAt));
            if (quiet < Silence)
            {
                await Task.Delay(Silence - quiet, time, cancellationToken);
                continue;
            }

            var askedAt = time.GetTimestamp();
            ping();
            await Task.Delay(Answer, time, cancellationToken);
            if (IsSilentSince(askedAt) && isBusy())
            {
                await Task.Delay(AnswerWhenBusy - Answer, time, cancellationToken);
            }

            if (IsSilentSince(askedAt))
            {
                return;
            }
        }
    }

    // At the time of the question nothing had come for 25 s. So what came at that time is the answer.
    private bool IsSilentSince(long askedAt) => Volatile.Read(ref _heardAt) < askedAt;
}
