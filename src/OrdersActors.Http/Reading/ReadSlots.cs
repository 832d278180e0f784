using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;

namespace OrdersActors.Http.Reading;

/// <summary>
/// Limits how many pages are in memory at once: in total, and for each organization, so that one of them does not block
/// the others. A page takes about a megabyte until its client has read it.
/// </summary>
/// <remarks>
/// Requests beyond the limits wait for a while in order, and then fail. A slow client gives its slot back, because
/// writing a page has a deadline. Thread-safe.
/// </remarks>
[SuppressMessage("Reliability", "CA1001",
    Justification = "A SemaphoreSlim whose wait handle is not used holds nothing to dispose of.")]
internal sealed class ReadSlots(IOptions<HttpOptions> options, TimeProvider time)
{
    /// <summary>How long a request waits for a slot.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Organization> _organizations = [];
    private readonly SemaphoreSlim _all = new(options.Value.MaxConcurrentReads);

    /// <summary>Takes a slot. The caller disposes of it when the page is written.</summary>
    /// <exception cref="Problems.ProblemException">No slot became free in time.</exception>
    public async Task<IDisposable> EnterAsync(string organizationId, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(MaxWait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var organization = Join(organizationId);
        var hasOwn = false;
        try
        {
            await organization.Free.WaitAsync(either.Token);
            hasOwn = true;
            await _all.WaitAsync(either.Token);
            return new Slot(this, organizationId, organization);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Leave(organizationId, organization, hasOwn);
            throw hasOwn ? ReadProblems.Unavailable() : ReadProblems.TooManyReads();
        }
        catch
        {
            Leave(organizationId, organization, hasOwn);
            throw;
        }
    }

    /// <summary>The number of organizations with requests, for tests.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _organizations.Count;
            }
        }
    }

    private Organization Join(string organizationId)
    {
        lock (_lock)
        {
            if (!_organizations.TryGetValue(organizationId, out var organization))
            {
                organization = new Organization(
                    new SemaphoreSlim(options.Value.MaxConcurrentReadsPerOrganization));
                _organizations[organizationId] = organization;
            }

            organization.Users++;
            return organization;
        }
    }

    private void Leave(string organizationId, Organization organization, bool hasSlot)
    {
        if (hasSlot)
        {
            organization.Free.Release();
        }

        lock (_lock)
        {
            if (--organization.Users == 0)
            {
                _organizations.Remove(organizationId);
            }
        }
    }

    private sealed class Organization(SemaphoreSlim free)
    {
        public SemaphoreSlim Free => free;

        /// <summary>The requests that wait for a slot or have one. Under the lock.</summary>
        public int Users { get; set; }
    }

    private sealed class Slot(ReadSlots slots, string organizationId, Organization organization) : IDisposable
    {
        private int _isReleased;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isReleased, 1) == 0)
            {
                slots._all.Release();
                slots.Leave(organizationId, organization, hasSlot: true);
            }
        }
    }
}
