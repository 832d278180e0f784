namespace OrdersActors.FrontEnd.Limits;

/// <summary>
/// Limits how many pieces of work run at once, in all and per organization; the others wait. Organizations take turns:
/// if thousands of clients of one organization resume at once, the replay of another organization waits for one page
/// and not for all of theirs.
/// </summary>
/// <remarks>
/// A permit is held until the work ends, but at most for <see cref="ConcurrencyLimiter.MaxHold"/>, as in
/// <see cref="ConcurrencyLimiter"/>. A connection requests one permit at a time, so the number of waiting callers is
/// bounded. Thread-safe.
/// </remarks>
/// <param name="permits">The pieces of work that run at once.</param>
/// <param name="perOrganization">Those of one organization; 0 for no limit of its own.</param>
/// <param name="time">The clock.</param>
internal sealed class FairLimiter(int permits, int perOrganization, TimeProvider time)
{
    private readonly Lock _lock = new();

    // An entry exists only while the organization has a permit or waits for one.
    private readonly Dictionary<string, Organization> _organizations = new(StringComparer.Ordinal);

    // The organizations that wait, in the order of their turns.
    private readonly Queue<Organization> _turns = new();
    private int _free = permits;

    /// <summary>Waits for a permit. The caller disposes of it when its work has ended.</summary>
    public async ValueTask<Permit> AcquireAsync(string organizationId, CancellationToken cancellationToken)
    {
        Waiter waiter;
        Organization organization;
        lock (_lock)
        {
            organization = Find(organizationId);
            if (_free > 0 && organization.Waiting.Count == 0 && MayRun(organization))
            {
                Take(organization);
                return new Permit(this, organization, time);
            }

            waiter = new Waiter();
            Enqueue(organization, waiter);
        }

        ConnectionMetrics.CountWaitingReplay(1);
        try
        {
            await using var cancelling = cancellationToken.UnsafeRegister(
                static (waiter, token) => ((Waiter)waiter!).TrySetCanceled(token), waiter);
            await waiter.Task;
        }
        finally
        {
            ConnectionMetrics.CountWaitingReplay(-1);
        }

        return new Permit(this, organization, time);
    }

    // All of these are called under the lock.
    private Organization Find(string id) =>
        _organizations.TryGetValue(id, out var known) ? known : _organizations[id] = new Organization(id);

    private bool MayRun(Organization organization) => perOrganization == 0 || organization.Running < perOrganization;

    private void Take(Organization organization)
    {
        _free--;
        organization.Running++;
    }

    private void Enqueue(Organization organization, Waiter waiter)
    {
        if (organization.Waiting.Count == 0)
        {
            _turns.Enqueue(organization);
        }

        organization.Waiting.Enqueue(waiter);
    }

    private void Release(Organization organization)
    {
        lock (_lock)
        {
            _free++;
            organization.Running--;
            for (var turns = _turns.Count; _free > 0 && turns > 0; turns--)
            {
                GiveTurn(_turns.Dequeue());
            }

            RemoveIfIdle(organization);
        }
    }

    /// <summary>Gives a permit to the organization's first caller that still waits, if it may run.</summary>
    private void GiveTurn(Organization organization)
    {
        while (MayRun(organization) && organization.Waiting.TryDequeue(out var waiter))
        {
            if (waiter.TrySetResult())
            {
                Take(organization);
                break;
            }
        }

        if (organization.Waiting.Count > 0)
        {
            _turns.Enqueue(organization);
        }

        RemoveIfIdle(organization);
    }

    private void RemoveIfIdle(Organization organization)
    {
        if (organization.Running == 0 && organization.Waiting.Count == 0)
        {
            _organizations.Remove(organization.Id);
        }
    }

    /// <summary>The permission to run one piece of work.</summary>
    public sealed class Permit : IDisposable
    {
        private readonly FairLimiter _limiter;
        private readonly Organization _organization;
        private readonly ITimer _expiry;
        private int _isReleased;

        internal Permit(FairLimiter limiter, Organization organization, TimeProvider time)
        {
            (_limiter, _organization) = (limiter, organization);
            _expiry = time.CreateTimer(
                static permit => ((Permit)permit!).Release(), this, ConcurrencyLimiter.MaxHold,
                Timeout.InfiniteTimeSpan);
        }

        public void Dispose()
        {
            _expiry.Dispose();
            Release();
        }

        // The work's thread and the timer's thread may both call this; only the first call releases.
        private void Release()
        {
            if (Interlocked.Exchange(ref _isReleased, 1) == 0)
            {
                _limiter.Release(_organization);
            }
        }
    }

    /// <summary>An organization with work. Used under the lock.</summary>
    internal sealed class Organization(string id)
    {
        public string Id => id;

        public int Running { get; set; }

        public Queue<Waiter> Waiting { get; } = new();
    }

    /// <summary>A caller that waits. Continuations do not run under the lock.</summary>
    internal sealed class Waiter() : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
}
