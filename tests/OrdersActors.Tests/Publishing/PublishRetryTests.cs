using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Publishing;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Publishing;

public sealed class PublishRetryTests : IDisposable
{
    private static readonly TimeSpan RetryFor = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();
    private readonly RecordingLogger<PublishRetryTests> _logger = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<TimeSpan> _left = [];
    private Func<int, Exception?> _problem = _ => null;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _stopping.Dispose();

    [Fact]
    public async Task Answer_of_the_first_attempt_is_returned_without_a_log_line()
    {
        Assert.Equal(1, await RunAsync(Create()));
        Assert.Equal([RetryFor], _left);
        Assert.Empty(_logger.Ids);
    }

    [Fact]
    public async Task Delays_double_up_to_five_seconds_and_each_is_shortened_by_at_most_half()
    {
        _problem = _ => new TimeoutException();
        var run = RunAsync(Create());
        double[] most = [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5, 5];
        for (var attempt = 1; attempt <= most.Length; attempt++)
        {
            await WaitForAttemptAsync(attempt);
            var at = _time.GetUtcNow();
            await _time.AdvanceUntilAsync(() => _left.Count > attempt || run.IsCompleted, () => "no further attempt");
            // The clock moves in steps of 0.1 s.
            Assert.InRange(
                (_time.GetUtcNow() - at).TotalSeconds, most[attempt - 1] / 2, most[attempt - 1] + 0.2);
        }

        await _stopping.CancelAsync();
        await Assert.ThrowsAsync<PublishFailedException>(() => run);
    }

    [Fact]
    public async Task Attempts_get_the_time_that_is_left()
    {
        _problem = attempt => attempt < 3 ? new TimeoutException() : null;
        var run = RunAsync(Create());
        await _time.AdvanceUntilAsync(() => run.IsCompleted, () => "no answer");
        Assert.Equal(3, await run);
        Assert.Equal(_left.OrderDescending(), _left);
        Assert.True(_left[2] < _left[1] && _left[1] < _left[0]);
    }

    [Fact]
    public async Task Permanent_failure_is_thrown_at_once()
    {
        _problem = _ => new EventConflictException("e-1", 0, "o-1", "o-2", "order_id");
        await Assert.ThrowsAsync<EventConflictException>(() => RunAsync(Create()));
        Assert.Single(_left);
    }

    [Fact]
    public async Task Failure_reports_its_cause_its_duration_and_the_stored_events()
    {
        var cause = new TimeoutException("the disk is full");
        _problem = _ => cause;
        var run = RunAsync(Create(), stored: 2000);
        await _time.AdvanceUntilAsync(() => run.IsCompleted, () => "the call does not end");
        var e = await Assert.ThrowsAsync<PublishFailedException>(() => run);
        Assert.Same(cause, e.InnerException);
        Assert.Equal(2000, e.Stored);
        Assert.Contains("acme", e.Message, StringComparison.Ordinal);
        Assert.Contains("the disk is full; the first 2000 events are stored", e.Message, StringComparison.Ordinal);
        // No attempt begins after the time.
        Assert.All(_left, left => Assert.True(left > TimeSpan.Zero));
    }

    [Fact]
    public async Task Zero_means_one_attempt()
    {
        _problem = _ => new TimeoutException();
        await Assert.ThrowsAsync<PublishFailedException>(() => RunAsync(Create(TimeSpan.Zero)));
        Assert.Equal([TimeSpan.Zero], _left);
    }

    [Fact]
    public async Task Busy_server_is_given_at_least_the_time_that_it_asks_for()
    {
        _problem = attempt => attempt == 1 ? new ServerBusyException("busy", TimeSpan.FromSeconds(7)) : null;
        var run = RunAsync(Create());
        await WaitForAttemptAsync(1);
        await _time.AdvanceInStepsAsync(TimeSpan.FromSeconds(6.9));
        Assert.Single(_left);
        await _time.AdvanceUntilAsync(() => run.IsCompleted, () => "no further attempt");
        Assert.Equal(2, await run);
    }

    [Fact]
    public async Task Server_that_is_busy_for_longer_than_the_call_may_take_fails_it_at_once()
    {
        _problem = _ => new ServerBusyException("busy", TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<PublishFailedException>(() => RunAsync(Create()));
        Assert.Single(_left);
    }

    [Fact]
    public async Task Cancelled_wait_throws_and_makes_no_further_attempt()
    {
        _problem = _ => new TimeoutException();
        using var cancelled = new CancellationTokenSource();
        var run = RunAsync(Create(), cancellation: cancelled.Token);
        await WaitForAttemptAsync(1);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Single(_left);
    }

    [Fact]
    public async Task Warning_comes_once_in_ten_seconds_for_all_calls()
    {
        _problem = _ => new TimeoutException("slow");
        var retry = Create();
        var runs = new[] { RunAsync(retry), RunAsync(retry) };
        await _time.AdvanceUntilAsync(() => runs.All(run => run.IsCompleted), () => "the calls do not end");
        foreach (var run in runs)
        {
            await Assert.ThrowsAsync<PublishFailedException>(() => run);
        }

        Assert.All(_logger.Ids, id => Assert.Equal(1500, id));
        // In 30 s.
        Assert.InRange(_logger.Levels.Count(level => level == LogLevel.Warning), 2, 3);
        Assert.InRange(_logger.Levels.Count(level => level == LogLevel.Debug), 10, 40);
    }

    private PublishRetry Create(TimeSpan? retryFor = null) =>
        new(retryFor ?? RetryFor, TimeSpan.FromMilliseconds(100), _time, _logger, _stopping.Token);

    /// <summary>Runs a call. Its answer is the number of its attempts.</summary>
    private Task<int> RunAsync(PublishRetry retry, int stored = 0, CancellationToken? cancellation = null)
    {
        var attempts = 0;
        return retry.RunAsync(
            "acme", stored,
            left =>
            {
                lock (_left)
                {
                    _left.Add(left);
                }

                return _problem(++attempts) is { } problem
                    ? Task.FromException<int>(problem) : Task.FromResult(attempts);
            },
            e => e is TimeoutException or ServerBusyException, cancellation ?? Cancelled);
    }

    private Task WaitForAttemptAsync(int count) =>
        Eventually.Holds(() => _left.Count >= count, () => $"attempt {count} has not begun");
}
