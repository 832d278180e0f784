using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Sessions.Authentication;
using OrdersActors.Tests.FrontEnd.Protocol;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Sessions.Authentication;

public sealed class LimitedAuthenticatorTests
{
    private static readonly ClientMessage Connect =
        ParsedMessage.Valid("""{"type":"connect","data":{"api_key":"k"}}""");

    private readonly RecordingChannel _client = new();
    private readonly ConnectionAdmission _admission = new(
        Options.Create(new FrontEndOptions { MaxConnectionsPerCustomer = 1 }), TimeProvider.System,
        NullLogger<ConnectionAdmission>.Instance);

    [Fact]
    public async Task First_connect_past_a_limit_is_refused_and_the_connection_is_closed_with_1013()
    {
        await Create(Customer("anna")).ConnectAsync(null, Connect);
        var e = await Assert.ThrowsAsync<RequestException>(() => Create(Customer("anna")).ConnectAsync(null, Connect));
        Assert.Equal(ProtocolError.RateLimited, e.Code);
        Assert.True(e.RetryAfter > TimeSpan.Zero);
        Assert.Equal((1013, ProtocolError.RateLimited), (_client.Closed!.Status, _client.Closed.Code));
        Assert.Contains("this customer", _client.Closed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connection_that_has_an_identity_keeps_it_and_stays_open()
    {
        await Create(Customer("anna")).ConnectAsync(null, Connect);
        var changing = new ChangingAuthenticator { Identity = Customer("bert") };
        var limited = Create(changing);
        var bert = await limited.ConnectAsync(null, Connect);
        changing.Identity = Customer("anna");
        await Assert.ThrowsAsync<RequestException>(() => limited.ConnectAsync(bert, Connect));
        Assert.Null(_client.Closed);
        changing.Identity = Customer("bert");
        Assert.Equal(bert, await limited.ConnectAsync(bert, Connect));
    }

    private static ClientIdentity Customer(string name) => new(
        "k", "shop", IsSigned: false, Grant: new TokenGrant([], true, DateTimeOffset.MaxValue, name));

    private LimitedAuthenticator Create(ClientIdentity identity) =>
        Create(new ChangingAuthenticator { Identity = identity });

    private LimitedAuthenticator Create(IAuthenticator authenticator)
    {
        Assert.True(_admission.TryEnter(null, out var slot, out _));
        return new LimitedAuthenticator(authenticator, slot, _client);
    }

    private sealed class ChangingAuthenticator : IAuthenticator
    {
        public required ClientIdentity Identity { get; set; }

        public Task<ClientIdentity> ConnectAsync(ClientIdentity? current, ClientMessage message) =>
            Task.FromResult(Identity);
    }
}
