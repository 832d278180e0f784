using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Http;
using OrdersActors.Http.Problems;
using OrdersActors.Http.Reading;

namespace OrdersActors.Tests.Http.Reading;

public sealed class ReadSlotsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ReadSlots _slots;

    public ReadSlotsTests() => _slots = new ReadSlots(
        Options.Create(new HttpOptions { MaxConcurrentReads = 2, MaxConcurrentReadsPerOrganization = 1 }), _time);

    [Fact]
    public async Task Organization_at_its_limit_waits_and_is_then_refused_alone()
    {
        using var first = await EnterAsync("a");
        var waiting = EnterAsync("a");
        using var other = await EnterAsync("b");
        Assert.False(waiting.IsCompleted);
        _time.Advance(ReadSlots.MaxWait);
        Assert.Equal(429, (await Assert.ThrowsAsync<ProblemException>(() => waiting)).Status);
    }

    [Fact]
    public async Task Waiting_request_gets_the_next_slot()
    {
        var first = await EnterAsync("a");
        var waiting = EnterAsync("a");
        first.Dispose();
        first.Dispose();
        (await waiting).Dispose();
        Assert.Equal(0, _slots.Count);
    }

    [Fact]
    public async Task Server_at_its_limit_is_unavailable_and_gives_all_slots_back()
    {
        var (a, b) = (await EnterAsync("a"), await EnterAsync("b"));
        var waiting = EnterAsync("c");
        _time.Advance(ReadSlots.MaxWait);
        Assert.Equal(503, (await Assert.ThrowsAsync<ProblemException>(() => waiting)).Status);
        a.Dispose();
        b.Dispose();
        Assert.Equal(0, _slots.Count);
        (await EnterAsync("c")).Dispose();
    }

    [Fact]
    public async Task Client_that_leaves_while_it_waits_holds_nothing()
    {
        using var first = await EnterAsync("a");
        using var gone = new CancellationTokenSource();
        var waiting = _slots.EnterAsync("a", gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        first.Dispose();
        Assert.Equal(0, _slots.Count);
    }

    private Task<IDisposable> EnterAsync(string organization) =>
        _slots.EnterAsync(organization, TestContext.Current.CancellationToken);
}
