using Microsoft.Extensions.Time.Testing;
using OrdersActors.Client;
using OrdersActors.Client.Connections;

namespace OrdersActors.Tests.Client.Connections;

public sealed class CredentialsTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1700000000));
    private readonly OrdersClientOptions _options = new() { Address = new Uri("wss://x"), ApiKey = "oak_test" };
    private readonly Credentials _credentials;
    private int _asked;

    public CredentialsTests() => _credentials = new Credentials(_options, _time);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _credentials.Dispose();

    [Fact]
    public async Task Token_is_kept_over_connections_until_it_is_dropped()
    {
        _options.GetToken = _ => ValueTask.FromResult($" a.b.{++_asked}\n");
        Assert.Equal("a.b.1", (await _credentials.GetAsync(Cancellation)).Token);
        Assert.Equal("a.b.1", (await _credentials.GetAsync(Cancellation)).Token);
        Assert.Equal("a.b.2", (await _credentials.RenewAsync("a.b.1", Cancellation)).Token);
        _credentials.Drop("a.b.1");
        Assert.Equal("a.b.2", (await _credentials.GetAsync(Cancellation)).Token);
    }

    [Fact]
    public async Task Signature_is_made_anew_for_each_connection()
    {
        _options.GetSignature = _ => ValueTask.FromResult($"S{++_asked}");
        Assert.Equal("S1", (await _credentials.GetAsync(Cancellation)).AuthorizationSignature);
        Assert.Equal("S2", (await _credentials.GetAsync(Cancellation)).AuthorizationSignature);
    }

    [Fact]
    public async Task Secret_signs_with_the_clock()
    {
        _options.ApiSecret = "whsec_test";
        _options.ApiKey = "k";
        Assert.Equal(
            "APIKey=k,signature=c57bb96872ac3b6e89e39c3444f3ac3219495525e4e852c81ba6e603e01a3277,timestamp=1700000000",
            (await _credentials.GetAsync(Cancellation)).AuthorizationSignature);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>Bad Gateway</html>")]
    public async Task Answer_that_is_no_token_is_tried_again(string answer)
    {
        _options.GetToken = _ => ValueTask.FromResult(answer);
        var e = await Assert.ThrowsAsync<CredentialsException>(() => _credentials.GetAsync(Cancellation));
        Assert.Contains("GetToken", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exception_is_tried_again_and_unauthorized_is_final()
    {
        _options.GetToken = _ => throw new HttpRequestException("no network");
        await Assert.ThrowsAsync<CredentialsException>(() => _credentials.GetAsync(Cancellation));
        _options.GetToken = _ => throw new OrdersUnauthorizedException("signed out");
        var e = await Assert.ThrowsAsync<OrdersClientException>(() => _credentials.GetAsync(Cancellation));
        Assert.Equal(OrdersClientException.Unauthorized, e.Code);
    }

    [Fact]
    public async Task Callback_that_does_not_answer_is_left()
    {
        _options.GetToken = _ => new ValueTask<string>(new TaskCompletionSource<string>().Task);
        var asking = _credentials.GetAsync(Cancellation);
        _time.Advance(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<CredentialsException>(() => asking);
    }
}
