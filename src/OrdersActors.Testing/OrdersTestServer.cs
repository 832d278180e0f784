using OrdersActors.Grains.Authentication;
using OrdersActors.Publishing;
using OrdersActors.Storage;
using OrdersActors.Testing.Hosting;

namespace OrdersActors.Testing;

/// <summary>
/// The real server in the process of a test: silo, front end, HTTP API and SQLite, in a temporary folder and on free
/// ports of 127.0.0.1. Several servers can run at the same time.
/// </summary>
/// <remarks>
/// <para>A start takes about a second, so share a server among the tests of a class or of an assembly, and give each
/// test its own orders or its own organization (<see cref="CreateKeyAsync"/>).</para>
/// <b>Thread-safe.</b> Stops and starts happen one after the other.
/// </remarks>
public sealed class OrdersTestServer : IAsyncDisposable
{
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromHours(1);

    private readonly OrdersTestServerOptions _options;
    private readonly SemaphoreSlim _changing = new(1, 1);
    private ServerPorts _ports = ServerPorts.Choose();
    private OrdersTestKey? _key;
    private volatile ServerHost? _host;
    private bool _isDisposed;

    private OrdersTestServer(OrdersTestServerOptions options) => _options = options;

    /// <summary>The address for HTTP requests, such as <c>http://127.0.0.1:23456/</c>.</summary>
    public Uri HttpBaseAddress => _ports.Http;

    /// <summary>The address for WebSockets, such as <c>ws://127.0.0.1:23456/ws</c>.</summary>
    public Uri WebSocketUri => new UriBuilder(HttpBaseAddress) { Scheme = "ws", Path = "/ws" }.Uri;

    /// <summary>The gateway for publishers over Orleans. They connect without TLS.</summary>
    public GatewayAddress Gateway => new("127.0.0.1", _ports.Gateway);

    /// <summary>The organization of <see cref="ApiKey"/>.</summary>
    public string OrganizationId => _key!.OrganizationId;

    /// <summary>An API key of the organization.</summary>
    public string ApiKey => _key!.ApiKey;

    /// <summary>The secret of <see cref="ApiKey"/>.</summary>
    public string Secret => _key!.Secret;

    /// <summary>The number of open connections to the HTTP port: WebSockets and HTTP.</summary>
    public int Connections => _host?.Connections.Count ?? 0;

    /// <summary>
    /// The server's own publisher, for any organization. It belongs to the current run: get it again after
    /// <see cref="RestartAsync"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">The server is stopped.</exception>
    public IOrderStatusPublisher Publisher => Running.Publisher;

    internal string Folder { get; } = Directory.CreateTempSubdirectory("orders-test-server-").FullName;

    private ServerHost Running => _host ?? throw new InvalidOperationException("The test server is stopped.");

    /// <summary>Starts a server and waits until it is ready.</summary>
    /// <param name="configure">Sets the options; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="InvalidOrderEventException">The organization id is not allowed.</exception>
    /// <exception cref="InvalidOperationException">A setting is wrong. The message names it.</exception>
    /// <exception cref="TimeoutException">The server was not ready within a minute.</exception>
    public static async Task<OrdersTestServer> StartAsync(
        Action<OrdersTestServerOptions>? configure = null, CancellationToken cancellationToken = default)
    {
        var options = new OrdersTestServerOptions();
        configure?.Invoke(options);
        OrderEventRules.CheckOrganizationId(options.OrganizationId);
        var server = new OrdersTestServer(options);
        try
        {
            (server._host, server._ports) = await ServerHost.StartOnFreePortsAsync(
                server._ports, server.Folder, options, cancellationToken);
            server._key = await server.CreateKeyAsync(options.OrganizationId, options.IsRestricted, cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Publishes an event of the server's organization under a new id. When the call returns, the event is committed.
    /// </summary>
    /// <param name="orderId">The order.</param>
    /// <param name="status">Its new status.</param>
    /// <param name="details">A JSON object as text; null for none.</param>
    /// <param name="cancellationToken">Cancels the wait for the answer.</param>
    /// <exception cref="InvalidOrderEventException">A field is invalid. The exception names it.</exception>
    /// <exception cref="InvalidOperationException">The server is stopped.</exception>
    public Task<PublishedEvent> PublishAsync(
        string orderId, string status, string? details = null, CancellationToken cancellationToken = default) =>
        Publisher.PublishAsync(
            OrganizationId, new OrderStatusEvent { OrderId = orderId, Status = status, Details = details },
            cancellationToken);

    /// <summary>Creates an API key, of another organization or one more of the same.</summary>
    /// <param name="organizationId">The organization, 1 to 64 characters.</param>
    /// <param name="isRestricted">See <see cref="OrdersTestServerOptions.IsRestricted"/>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="InvalidOrderEventException">The organization id is not allowed.</exception>
    /// <exception cref="InvalidOperationException">The server is stopped.</exception>
    public async Task<OrdersTestKey> CreateKeyAsync(
        string organizationId, bool isRestricted = false, CancellationToken cancellationToken = default)
    {
        var settings = new ApiKeySettings(isRestricted ? ApiKeyAccess.Restricted : ApiKeyAccess.Open);
        var key = await Running.Keys.CreateAsync(organizationId, settings, cancellationToken);
        return new OrdersTestKey(organizationId, key.Key, key.Secret);
    }

    /// <summary>
    /// Creates a token of <see cref="ApiKey"/>, as your backend does: for these orders, or for the whole organization
    /// if none is given. It is valid for an hour.
    /// </summary>
    public string CreateToken(params IReadOnlyList<string> orderIds)
    {
        ArgumentNullException.ThrowIfNull(orderIds);
        var now = DateTimeOffset.UtcNow;
        return TokenSigner.Create(
            ApiKey, Secret, new TokenGrant([.. orderIds], orderIds.Count == 0, now + TokenLifetime), now);
    }

    /// <summary>
    /// Creates an <c>authorization_signature</c> of <see cref="ApiKey"/> for <c>/ws</c>, as your backend does.
    /// </summary>
    public string CreateSignature() => AuthorizationSignature.Create(ApiKey, Secret, DateTimeOffset.UtcNow);

    /// <summary>
    /// Drops all connections to the HTTP port, as a network that is gone: without an error and without a close. Clients
    /// may connect again at once. Returns when the server has dropped them.
    /// </summary>
    /// <exception cref="InvalidOperationException">The server is stopped.</exception>
    public Task DropConnectionsAsync() => Running.Connections.DropAsync();

    /// <summary>
    /// Stops the server as an operator does: clients get an error and a close, and everything acknowledged is on disk.
    /// A stopped server stays stopped.
    /// </summary>
    public async Task StopAsync()
    {
        await _changing.WaitAsync();
        try
        {
            await StopHostAsync();
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>
    /// Stops the server if it runs, and starts it with the same data, keys and ports. Clients resume.
    /// </summary>
    /// <param name="cancellationToken">Cancels the start; the server is then stopped.</param>
    /// <exception cref="InvalidOperationException">Another program has taken one of the ports.</exception>
    /// <exception cref="ObjectDisposedException">The server was disposed.</exception>
    public async Task RestartAsync(CancellationToken cancellationToken = default)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            await StopHostAsync();
            _host = await ServerHost.StartAsync(_ports, Folder, _options, cancellationToken);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Stops the server and deletes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await _changing.WaitAsync();
        try
        {
            if (!_isDisposed)
            {
                _isDisposed = true;
                await StopHostAsync();
                Directory.Delete(Folder, recursive: true);
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    private async Task StopHostAsync()
    {
        if (_host is { } host)
        {
            _host = null;
            await host.DisposeAsync();
        }
    }
}
