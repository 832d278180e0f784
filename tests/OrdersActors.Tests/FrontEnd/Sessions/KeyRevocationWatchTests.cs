using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd.Sessions;
using OrdersActors.Tests.FrontEnd.Transport;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Sessions;

public sealed class KeyRevocationWatchTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ConnectionParts _parts;
    private readonly List<Task> _running = [];

    public KeyRevocationWatchTests() => _parts = new ConnectionParts(_time);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _parts.Dispose();

    [Fact]
    public async Task Only_connections_with_revoked_keys_are_closed_also_after_a_failed_check()
    {
        var (revoked, valid, anonymous) = (await OpenAsync("revoked"), await OpenAsync("valid"), await OpenAsync(null));
        _parts.Grains.EndOf = use => use.ApiKey == "revoked" ? KeyEnd.Revoked : KeyEnd.None;
        _parts.Grains.Before = _ => Task.FromException(new TimeoutException("no answer"));
        using var watch = await StartAsync();
        await CheckUntilAsync(
            () => _parts.Grains.Count(nameof(IAuthenticationGrain.FindEnded)) > 0, "the keys were not checked");
        _parts.Grains.Before = null;
        await CheckUntilAsync(() => revoked.CloseStatus == 1008, "the connection was not closed");
        Assert.Contains("the key has been revoked", string.Concat(revoked.Messages), StringComparison.Ordinal);
        Assert.Equal((0, 0), (valid.CloseStatus, anonymous.CloseStatus));
        await EndAsync(watch, revoked, valid, anonymous);
    }

    [Fact]
    public async Task Check_that_fails_while_the_server_stops_is_no_failure()
    {
        var connection = await OpenAsync("key");
        using var watch = CreateWatch();
        await StopDuringFailure.AssertEndsAsync(
            watch, work => _parts.Grains.Before = _ => work(),
            () => _time.Advance(_parts.Options.Value.KeyCheckInterval));
        _parts.Grains.Before = null;
        await EndAsync(watch, connection);
    }

    [Fact]
    public async Task Each_end_closes_the_connections_that_depend_on_it_with_its_own_reason()
    {
        _parts.Grains.Authentication = Authenticate;
        var (first, second) = (await OpenAsync("two-secrets;1"), await OpenAsync("two-secrets;2"));
        var (expired, open) = (await OpenAsync("expired;1"), await OpenAsync("open;0"));
        _parts.Grains.EndOf = use => use switch
        {
            { ApiKey: "two-secrets;1" } => KeyEnd.SecretEnded,
            { ApiKey: "expired;1", SecretId: 1 } => KeyEnd.Expired,
            { ApiKey: "open;0", SecretId: 0 } => KeyEnd.Restricted,
            _ => KeyEnd.None,
        };
        using var watch = await StartAsync();
        await CheckUntilAsync(
            () => (first.CloseStatus, expired.CloseStatus, open.CloseStatus) == (1012, 1008, 1008),
            "the connections were not closed");
        AssertError(first, "unavailable", "has been replaced; connect again with a new one");
        AssertError(expired, "invalid_api_key", "the key has expired");
        AssertError(open, "access_denied", "now requires a signature or a token");
        Assert.Equal(0, second.CloseStatus);
        await EndAsync(watch, first, second, expired, open);
    }

    [Fact]
    public async Task Connection_that_was_renewed_with_the_new_secret_stays_open()
    {
        var secret = 1;
        _parts.Grains.Authentication = _ => Signed(secret);
        var (renewed, stale) = (await OpenAsync("key"), await OpenAsync("key"));
        secret = 2;
        renewed.Send(Connect("key"));
        await Eventually.Holds(
            () => _parts.Registry.All.Count(connection => connection.Identity!.SecretId == 2) == 1,
            () => "the connection was not renewed");
        _parts.Grains.EndOf = use => use.SecretId == 1 ? KeyEnd.SecretEnded : KeyEnd.None;
        using var watch = await StartAsync();
        await CheckUntilAsync(() => stale.CloseStatus == 1012, "the connection was not closed");
        Assert.Equal(0, renewed.CloseStatus);
        await EndAsync(watch, renewed, stale);
    }

    [Fact]
    public async Task Connection_that_is_renewed_while_the_check_runs_stays_open()
    {
        var secret = 1;
        _parts.Grains.Authentication = _ => Signed(secret);
        var (renewed, stale) = (await OpenAsync("key"), await OpenAsync("key"));
        _parts.Grains.EndOf = use => use.SecretId == 1 ? KeyEnd.SecretEnded : KeyEnd.None;
        _parts.Grains.Before = async method =>
        {
            if (method == nameof(IAuthenticationGrain.FindEnded) && secret == 1)
            {
                secret = 2;
                renewed.Send(Connect("key"));
                await Eventually.Holds(
                    () => _parts.Registry.All.Count(connection => connection.Identity!.SecretId == 2) == 1,
                    () => "the connection was not renewed");
            }
        };
        using var watch = await StartAsync();
        await CheckUntilAsync(() => stale.CloseStatus == 1012, "the connection was not closed");
        Assert.Equal(0, renewed.CloseStatus);
        await EndAsync(watch, renewed, stale);
    }

    [Fact]
    public async Task Client_that_connected_to_a_restricted_key_may_still_prove_itself()
    {
        _parts.Grains.Authentication = _ => new AuthenticationResult(
            AuthenticationOutcome.Authenticated, FrontEndGrains.Organization, IsRestricted: true);
        var socket = await OpenAsync("restricted");
        _parts.Grains.EndOf = _ => KeyEnd.Restricted;
        using var watch = await StartAsync();
        await CheckUntilAsync(
            () => _parts.Grains.Count(nameof(IAuthenticationGrain.FindEnded)) > 1, "the keys were not checked");
        Assert.Equal(0, socket.CloseStatus);
        _parts.Grains.EndOf = _ => KeyEnd.Revoked;
        await CheckUntilAsync(() => socket.CloseStatus == 1008, "the connection was not closed");
        await EndAsync(watch, socket);
    }

    [Fact]
    public async Task Silo_of_a_previous_version_is_asked_for_revoked_keys()
    {
        // That version sends neither the number of a secret nor the access mode.
        var (revoked, signed) = (await OpenAsync("revoked"), await OpenAsync("signed"));
        _parts.Grains.IsPreviousVersion = true;
        _parts.Grains.RevokedKeys = ["revoked"];
        using var watch = await StartAsync();
        await CheckUntilAsync(() => revoked.CloseStatus == 1008, "the connection was not closed");
        Assert.Equal(0, signed.CloseStatus);

        // After the upgrade, the signature counts as one with the first secret.
        _parts.Grains.IsPreviousVersion = false;
        _parts.Grains.EndOf = use => use.SecretId == 1 ? KeyEnd.SecretEnded : KeyEnd.None;
        await CheckUntilAsync(() => signed.CloseStatus == 1012, "the connection was not closed");
        await EndAsync(watch, revoked, signed);
    }

    private static AuthenticationResult Authenticate(string key) =>
        key.EndsWith(";0", StringComparison.Ordinal)
            ? new AuthenticationResult(AuthenticationOutcome.Authenticated, FrontEndGrains.Organization)
            : Signed(key.EndsWith(";2", StringComparison.Ordinal) ? 2 : 1);

    private static AuthenticationResult Signed(int secret) => new(
        AuthenticationOutcome.Authenticated, FrontEndGrains.Organization, IsSigned: true, SecretId: secret);

    private static byte[] Connect(string key) =>
        ClientFrame.Text($$$"""{"type":"connect","data":{"api_key":"{{{key}}}"}}""");

    private static void AssertError(TestSocket socket, string code, string text)
    {
        Assert.Contains($"\"code\":\"{code}\"", string.Concat(socket.Messages), StringComparison.Ordinal);
        Assert.Contains(text, string.Concat(socket.Messages), StringComparison.Ordinal);
    }

    /// <summary>Opens a connection, and authenticates it if a key is given.</summary>
    private async Task<TestSocket> OpenAsync(string? key)
    {
        var socket = new TestSocket();
        var connection = _parts.Create(socket, () => { });
        _parts.Registry.Add(connection);
        if (key is not null)
        {
            socket.Send(Connect(key));
        }

        _running.Add(connection.RunAsync());
        await Eventually.Holds(
            () => key is null || connection.Identity is not null, () => "the client did not authenticate");
        return socket;
    }

    private async Task<KeyRevocationWatch> StartAsync()
    {
        var watch = CreateWatch();
        await watch.StartAsync(Cancelled);
        return watch;
    }

    private KeyRevocationWatch CreateWatch() => new(
        _parts.Registry, _parts.Grains.Factory, _parts.Options, _time, NullLogger<KeyRevocationWatch>.Instance);

    private Task CheckUntilAsync(Func<bool> condition, string failure) => Eventually.Holds(
        () =>
        {
            _time.Advance(_parts.Options.Value.KeyCheckInterval);
            return condition();
        },
        () => failure);

    private async Task EndAsync(KeyRevocationWatch watch, params TestSocket[] sockets)
    {
        await watch.StopAsync(Cancelled);
        foreach (var socket in sockets)
        {
            socket.End();
        }

        await Task.WhenAll(_running);
    }
}
