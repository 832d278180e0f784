using Microsoft.Extensions.Time.Testing;
using OrdersActors.Publishing;

namespace OrdersActors.Tests.Publishing;

public sealed class CombinedCallsTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan OneTick = TimeSpan.FromMilliseconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly Store _store = new();
    private readonly CombinedCalls _calls;

    // The numbers of the events that were published.
    private int _count;

    public CombinedCallsTests() => _calls = new CombinedCalls(_store.StoreAsync, TimeSpan.Zero, _time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _calls.Dispose();

    [Fact]
    public async Task Few_events_have_a_call_each()
    {
        var publishing = Publish(OrganizationCalls.MaxCalls);
        Assert.Equal(Enumerable.Repeat(1, OrganizationCalls.MaxCalls), _store.Sizes);
        _store.AnswerAll();
        Assert.Equal(Enumerable.Range(0, OrganizationCalls.MaxCalls).Select(Id), await Ids(publishing));
    }

    [Fact]
    public async Task Further_events_wait_for_an_answer_and_share_a_call_in_their_order()
    {
        var publishing = Publish(OrganizationCalls.MaxCalls + 3);
        _store.Answer(0);
        await publishing[0];
        await _store.CalledAsync(OrganizationCalls.MaxCalls + 1);
        Assert.Equal(
            Enumerable.Range(OrganizationCalls.MaxCalls, 3).Select(Id), _store.Calls[^1].Events.Select(e => e.Id));
        _store.AnswerAll();
        Assert.Equal(Enumerable.Range(0, OrganizationCalls.MaxCalls + 3).Select(Id), await Ids(publishing));
    }

    [Fact]
    public async Task Event_waits_no_longer_than_MaxWait_for_an_answer()
    {
        var publishing = Publish(OrganizationCalls.MaxCalls + 2);
        Assert.Equal(OrganizationCalls.MaxCalls, _store.Calls.Count);
        _time.Advance(OrganizationCalls.MaxWait);
        await _store.CalledAsync(OrganizationCalls.MaxCalls + 1);
        Assert.Equal(2, _store.Calls[^1].Events.Length);

        // The timer runs again for the next ones.
        publishing = [.. publishing, .. Publish(1)];
        _time.Advance(OrganizationCalls.MaxWait);
        await _store.CalledAsync(OrganizationCalls.MaxCalls + 2);
        _store.AnswerAll();
        await Task.WhenAll(publishing);
    }

    [Fact]
    public async Task Organizations_do_not_wait_for_each_other()
    {
        _ = Publish(OrganizationCalls.MaxCalls + 1);
        var other = Publish(1, "bank");
        Assert.Equal("bank", _store.Calls[^1].Organization);
        _store.Answer(OrganizationCalls.MaxCalls);
        Assert.Equal([Id(OrganizationCalls.MaxCalls + 1)], await Ids(other));
    }

    [Fact]
    public async Task Refused_shared_call_is_repeated_for_each_event()
    {
        var publishing = Publish(OrganizationCalls.MaxCalls + 3);
        var refused = Id(OrganizationCalls.MaxCalls + 1);
        _store.Refuse(refused);
        _store.Answer(0);
        await _store.CalledAsync(OrganizationCalls.MaxCalls + 1);
        _store.AnswerAll();
        await _store.CalledAsync(OrganizationCalls.MaxCalls + 4);
        _store.AnswerAll();
        var e = await Assert.ThrowsAsync<InvalidOrderEventException>(() => publishing[^2]);
        Assert.Contains(refused, e.Message, StringComparison.Ordinal);
        await publishing[^1];
        await publishing[^3];
    }

    [Fact]
    public async Task Shared_call_that_failed_for_the_whole_time_fails_for_all_its_events_and_is_not_repeated()
    {
        var publishing = Publish(OrganizationCalls.MaxCalls + 2);
        _store.Problem = new PublishFailedException("no server", new TimeoutException(), 0);
        _store.Answer(0);
        foreach (var failed in publishing.TakeLast(2))
        {
            Assert.Same(_store.Problem, await Assert.ThrowsAsync<PublishFailedException>(() => failed));
        }

        Assert.Equal(OrganizationCalls.MaxCalls + 1, _store.Calls.Count);
    }

    [Fact]
    public async Task Event_whose_caller_gave_up_is_not_sent()
    {
        var publishing = Publish(OrganizationCalls.MaxCalls);
        using var cancel = new CancellationTokenSource();
        var cancelled = _calls.StoreAsync("shop", Event(), cancel.Token);
        var last = Publish(1)[0];
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        _store.AnswerAll();
        await Task.WhenAll(publishing);
        await _store.CalledAsync(OrganizationCalls.MaxCalls + 1);
        _store.AnswerAll();
        await last;
        Assert.DoesNotContain(
            Id(OrganizationCalls.MaxCalls), _store.Calls.SelectMany(call => call.Events).Select(e => e.Id));
    }

    [Fact]
    public async Task Shared_call_is_bounded_in_events_and_in_details()
    {
        var publishing = Publish(OrganizationCalls.MaxCalls + OrganizationCalls.MaxEvents + 1);
        _store.Answer(0);
        await _store.CalledAsync(OrganizationCalls.MaxCalls + 1);
        Assert.Equal(OrganizationCalls.MaxEvents, _store.Calls[^1].Events.Length);

        var large = new string(' ', (OrganizationCalls.MaxDetails / 2) + 1);
        var largeOnes = Enumerable.Range(0, 2)
            .Select(_ => _calls.StoreAsync("shop", Event() with { Details = large }, Token)).ToArray();
        _store.Answer(1);
        await _store.CalledAsync(OrganizationCalls.MaxCalls + 2);
        Assert.Equal(2, _store.Calls[^1].Events.Length);
        _store.Answer(2);
        await _store.CalledAsync(OrganizationCalls.MaxCalls + 3);
        Assert.Single(_store.Calls[^1].Events);
        _store.AnswerAll();
        await Task.WhenAll([.. publishing, .. largeOnes]);
    }

    [Fact]
    public async Task Independent_callers_share_a_call_in_each_interval()
    {
        using var calls = new CombinedCalls(_store.StoreAsync, Interval, _time);
        Task<PublishedEvent>[] publishing =
            [.. Enumerable.Range(0, 5).Select(_ => calls.StoreAsync("shop", Event(), Token))];
        // Each call begins with as many events as there were callers at the latest one: 1, 1, 2, then 4.
        Assert.Equal([1, 1, 2], _store.Sizes);
        _time.Advance((Interval * 1.5) + OneTick);
        Assert.Equal([1, 1, 2, 1], _store.Sizes);
        _store.AnswerAll();
        Assert.Equal(Enumerable.Range(0, 5).Select(Id), await Ids(publishing));
    }

    [Fact]
    public async Task Dispose_sends_what_waits()
    {
        var calls = new CombinedCalls(_store.StoreAsync, Interval, _time);
        var publishing = Enumerable.Range(0, 3).Select(_ => calls.StoreAsync("shop", Event(), Token)).ToArray();
        Assert.Equal([1, 1], _store.Sizes);
        calls.Dispose();
        Assert.Equal([1, 1, 1], _store.Sizes);
        _store.AnswerAll();
        await Task.WhenAll(publishing);
    }

    [Fact]
    public async Task Organizations_without_calls_are_forgotten_if_there_are_many()
    {
        var publishing = Enumerable.Range(0, CombinedCalls.MaxRemembered + 10)
            .Select(i => _calls.StoreAsync($"shop-{i}", Event(), Token)).ToArray();
        Assert.Equal(CombinedCalls.MaxRemembered + 10, _calls.Organizations);
        _store.AnswerAll();
        await Task.WhenAll(publishing);
        Assert.Equal(CombinedCalls.MaxRemembered, _calls.Organizations);
    }

    private static string Id(int number) => $"e-{number}";

    private static async Task<string[]> Ids(IEnumerable<Task<PublishedEvent>> publishing) =>
        [.. (await Task.WhenAll(publishing)).Select(e => e.Id)];

    private OrderStatusEvent Event() => new() { OrderId = "o-1", Status = "moving", Id = Id(_count++) };

    private Task<PublishedEvent>[] Publish(int events, string organization = "shop") =>
        [.. Enumerable.Range(0, events).Select(_ => _calls.StoreAsync(organization, Event(), Token))];

    /// <summary>A store that answers when the test says so.</summary>
    private sealed class Store
    {
        private readonly Lock _lock = new();
        private readonly List<(string Organization, OrderStatusEvent[] Events)> _calls = [];
        private readonly List<TaskCompletionSource> _answers = [];
        private string? _refused;

        public IReadOnlyList<(string Organization, OrderStatusEvent[] Events)> Calls
        {
            get
            {
                lock (_lock)
                {
                    return [.. _calls];
                }
            }
        }

        public IEnumerable<int> Sizes => Calls.Select(call => call.Events.Length);

        /// <summary>What further calls fail with at once.</summary>
        public Exception? Problem { get; set; }

        public async Task<PublishedEvent[]> StoreAsync(
            string organizationId, OrderStatusEvent[] events, int stored, CancellationToken cancellationToken)
        {
            var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_lock)
            {
                _calls.Add((organizationId, events));
                _answers.Add(answer);
            }

            if (Problem is not null)
            {
                throw Problem;
            }

            await answer.Task.WaitAsync(cancellationToken);
            return events.Any(e => e.Id == _refused)
                ? throw new InvalidOrderEventException("events", $"has {_refused}")
                : [.. events.Select((e, i) => new PublishedEvent(e.Id, i + 1, i + 1, IsRepeat: false))];
        }

        public void Refuse(string id) => _refused = id;

        public void Answer(int call)
        {
            lock (_lock)
            {
                _answers[call].TrySetResult();
            }
        }

        /// <summary>Answers all calls that were made until now.</summary>
        public void AnswerAll()
        {
            lock (_lock)
            {
                _answers.ForEach(answer => answer.TrySetResult());
            }
        }

        public async Task CalledAsync(int times)
        {
            while (Calls.Count < times)
            {
                await Task.Delay(5, Token);
            }
        }
    }
}
