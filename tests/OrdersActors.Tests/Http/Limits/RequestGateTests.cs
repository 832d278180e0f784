using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Http;
using OrdersActors.Http.Limits;
using OrdersActors.Http.Problems;

namespace OrdersActors.Tests.Http.Limits;

public sealed class RequestGateTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly RequestGate _gate;

    public RequestGateTests() => _gate = new RequestGate(
        Options.Create(new HttpOptions
        {
            RequestRate = 2,
            RequestBurst = 4,
            MaxConcurrentRequests = 5,
            MaxConcurrentRequestsPerKey = 2,
            MaxBufferedBytes = 1000,
        }),
        _time);

    [Fact]
    public void Requests_beyond_the_total_are_refused_until_one_has_ended()
    {
        var running = Enumerable.Range(0, 5).Select(_ => _gate.Enter()).ToArray();
        AssertRefused(503, () => _gate.Enter());
        running[0].Dispose();
        _gate.Enter().Dispose();
    }

    [Fact]
    public void Key_has_a_budget_that_refills()
    {
        for (var i = 0; i < 4; i++)
        {
            Run("a");
        }

        Assert.Equal(TimeSpan.FromSeconds(0.5), AssertRefused(429, () => Run("a")).RetryAfter);
        Run("b");
        _time.Advance(TimeSpan.FromSeconds(0.5));
        Run("a");
        AssertRefused(429, () => Run("a"));
    }

    [Fact]
    public void Key_with_too_many_requests_at_the_same_time_is_refused_and_others_are_not()
    {
        var first = Admit("a");
        using var second = Admit("a");
        AssertRefused(429, () => Run("a"));
        Run("b");
        first.Dispose();
        Run("a");
    }

    [Fact]
    public void Refused_request_gives_back_what_it_took()
    {
        using var first = Admit("a");
        using var second = Admit("a");
        for (var i = 0; i < 10; i++)
        {
            AssertRefused(429, () => Run("a"));
        }

        Run("b");
    }

    [Fact]
    public void Bodies_share_their_memory()
    {
        using (var large = _gate.Enter())
        {
            large.Reserve(600);
            large.Reserve(500);
            Assert.Equal(600, _gate.ReservedBytes);
            using var other = _gate.Enter();
            AssertRefused(503, () => other.Reserve(401));
            other.Reserve(400);
        }

        Assert.Equal(0, _gate.ReservedBytes);
    }

    [Fact]
    public void Number_of_keys_is_bounded_and_idle_keys_make_room()
    {
        using var busy = Admit("busy");
        for (var i = 1; i < RequestGate.MaxKeys; i++)
        {
            Run($"key-{i}");
        }

        Run("one more");
        Assert.Equal(RequestGate.MaxKeys, _gate.KeyCount);
        _time.Advance(TimeSpan.FromSeconds(10));
        Run("another");
        Assert.Equal(2, _gate.KeyCount);
    }

    private void Run(string key) => Admit(key).Dispose();

    private RequestGate.Admission Admit(string key)
    {
        var admission = _gate.Enter();
        try
        {
            admission.Admit(key);
            return admission;
        }
        catch
        {
            admission.Dispose();
            throw;
        }
    }

    private static ProblemException AssertRefused(int status, Action request)
    {
        var e = Assert.Throws<ProblemException>(request);
        Assert.Equal(status, e.Status);
        Assert.True(e.RetryAfter > TimeSpan.Zero);
        return e;
    }
}
