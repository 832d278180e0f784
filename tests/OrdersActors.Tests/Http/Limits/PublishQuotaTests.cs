using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Http;
using OrdersActors.Http.Limits;
using OrdersActors.Http.Problems;

namespace OrdersActors.Tests.Http.Limits;

public sealed class PublishQuotaTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Organization_that_has_used_up_its_quota_is_refused_until_it_has_refilled()
    {
        var quota = Create(rate: 10, burst: 100);
        quota.Take("shop", 60);
        quota.Take("shop", 60);
        var e = Assert.Throws<ProblemException>(() => quota.Take("shop", 1));
        Assert.Equal((429, ProblemCode.RateLimited), (e.Status, e.Code));
        Assert.InRange(e.RetryAfter!.Value, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2.2));
        quota.Take("other", 1);
        _time.Advance(e.RetryAfter.Value);
        quota.Take("shop", 1);
    }

    [Fact]
    public void Refused_events_are_not_counted()
    {
        var quota = Create(rate: 10, burst: 10);
        quota.Take("shop", 10);
        for (var i = 0; i < 100; i++)
        {
            Assert.Throws<ProblemException>(() => quota.Take("shop", 1000));
        }

        _time.Advance(TimeSpan.FromSeconds(0.1));
        quota.Take("shop", 1);
    }

    [Fact]
    public void Zero_means_no_quota()
    {
        var quota = Create(rate: 0, burst: 1);
        quota.Take("shop", int.MaxValue);
        quota.Take("shop", int.MaxValue);
    }

    private PublishQuota Create(int rate, int burst) => new(
        Options.Create(new HttpOptions { PublishRatePerOrganization = rate, PublishBurstPerOrganization = burst }),
        _time);
}
