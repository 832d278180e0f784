namespace OrdersActors.Grains.Observers;

/// <summary>Events of one feed for one observer, and the turn that decides what their sender does next.</summary>
internal sealed class Notification(FeedEvents content)
{
    private readonly TaskCompletionSource<NotificationTurn> _turn =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The feed and its events.</summary>
    public FeedEvents Content => content;

    /// <summary>The approximate memory that the events take.</summary>
    public long Bytes { get; } = PendingEvents.SizeOf(content.Events);

    /// <summary>
    /// Completes when the sender may go on: with the notifications that it sends now, or empty if another sender's call
    /// has carried the events. Fails if that call has failed.
    /// </summary>
    public Task<NotificationTurn> Turn => _turn.Task;

    /// <summary>Lets the sender make a call.</summary>
    public void Lead(NotificationTurn turn) => _turn.TrySetResult(turn);

    /// <summary>Another sender's call has carried the events. Null if the observer has them.</summary>
    public void Answer(Exception? problem)
    {
        if (problem is null)
        {
            _turn.TrySetResult(NotificationTurn.Done);
        }
        else
        {
            Fail(problem);
        }
    }

    /// <summary>The call failed.</summary>
    public void Fail(Exception e) => _turn.TrySetException(e);
}

/// <summary>The notifications that a sender sends in one call.</summary>
/// <param name="ToSend">Its own notification first. Empty if nothing is left to do.</param>
/// <param name="Lane">The lane whose next turn follows this call; null for a call of its own.</param>
internal sealed record NotificationTurn(List<Notification> ToSend, NotificationLane? Lane)
{
    /// <summary>Nothing is left to do.</summary>
    public static readonly NotificationTurn Done = new([], null);

    /// <summary>A call of its own.</summary>
    public static NotificationTurn Alone(Notification notification) => new([notification], null);
}
