using Microsoft.Extensions.Time.Testing;
using OrdersActors.Client.Connections;

namespace OrdersActors.Tests.Client.Connections;

public sealed class TokenRenewalTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly TokenRenewal _renewal;

    public TokenRenewalTests() => _renewal = new TokenRenewal(_time, new Random(1));

    public void Dispose() => _renewal.Dispose();

    [Fact]
    public async Task Token_is_renewed_30_s_before_its_end()
    {
        _renewal.Connected(_time.GetUtcNow().AddMinutes(10));
        await ExpectDueAfterAsync(TimeSpan.FromSeconds(570));
    }

    [Fact]
    public async Task Token_that_has_ended_by_a_wrong_clock_is_renewed_once_a_minute_at_most()
    {
        _renewal.Connected(_time.GetUtcNow().AddHours(-1));
        await ExpectDueAfterAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Notice_of_the_server_renews_at_once()
    {
        _renewal.Connected(_time.GetUtcNow().AddHours(1));
        _time.Advance(TimeSpan.FromMinutes(5));
        _renewal.Expiring(_time.GetUtcNow().AddMinutes(1));
        await _renewal.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Short_token_is_renewed_at_half_of_its_life()
    {
        _renewal.Connected(_time.GetUtcNow().AddSeconds(20));
        _renewal.Expiring(_time.GetUtcNow().AddSeconds(20));
        await ExpectDueAfterAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Failed_renewal_is_repeated_not_before_the_given_time()
    {
        _renewal.Failed(TimeSpan.FromSeconds(3));
        await ExpectDueAfterAsync(TimeSpan.FromSeconds(3));
    }

    private async Task ExpectDueAfterAsync(TimeSpan time)
    {
        var due = _renewal.WaitAsync(TestContext.Current.CancellationToken);
        _time.Advance(time - TimeSpan.FromMilliseconds(1));
        Assert.False(due.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await due;
    }
}
