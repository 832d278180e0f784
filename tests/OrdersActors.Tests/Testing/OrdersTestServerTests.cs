using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrdersActors.Client;
using OrdersActors.Publishing;
using OrdersActors.TestServer;
using OrdersActors.Testing;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Testing;

public sealed class OrdersTestServerTests(OrdersTestServerTests.Shared shared)
    : IClassFixture<OrdersTestServerTests.Shared>
{
    private readonly OrdersTestServer _server = shared.Server;
    private readonly string _order = $"o-{Guid.NewGuid():N}";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Client_resumes_after_a_drop_and_after_a_restart()
    {
        await using var server = await OrdersTestServer.StartAsync(cancellationToken: Cancelled);
        await server.PublishAsync(_order, "created", cancellationToken: Cancelled);
        await using var client = Connect(server, options => options.ApiSecret = server.Secret);
        await using var watch = new WatchRun(client, _order, WatchStart.Beginning);
        await Eventually.Equal([1L], () => watch.Versions);
        Assert.Equal(1, server.Connections);
        await server.DropConnectionsAsync();
        await server.PublishAsync(_order, "paid", cancellationToken: Cancelled);
        await Eventually.Equal([1L, 2L], () => watch.Versions);
        await server.StopAsync();
        Assert.Equal(0, server.Connections);
        Assert.Throws<InvalidOperationException>(() => server.Publisher);
        await server.RestartAsync(Cancelled);
        await server.PublishAsync(_order, "packed", cancellationToken: Cancelled);
        await Eventually.Equal([1L, 2L, 3L], () => watch.Versions);
        Assert.Equal(3, watch.Seen.Last().Position.Number);
    }

    [Fact]
    public async Task Event_leaves_a_value_in_every_stage_of_its_way()
    {
        await _server.PublishAsync(_order, "created", cancellationToken: Cancelled);
        await using var client = Connect(_server, options => options.ApiSecret = _server.Secret);
        await using var watch = new WatchRun(client, _order, WatchStart.Beginning);
        await Eventually.Equal([1L], () => watch.Versions);
        using var recorder = new StageRecorder();
        await _server.PublishAsync(_order, "paid", cancellationToken: Cancelled);
        await Eventually.Equal([1L, 2L], () => watch.Versions);
        string[] stages = ["commit", "pull", "distribute", "send", "commit_to_frame", "publish_to_frame"];
        await Eventually.Equal(stages.Order(), () => recorder.Stages.Distinct().Order());
        Assert.All(stages, stage => Assert.All(recorder.Of(stage), seconds => Assert.True(seconds > 0)));
        Assert.True(recorder.Of("commit_to_frame").Max() >= recorder.Of("send").Min());
    }

    [Fact]
    public async Task Data_is_deleted_at_the_end_and_the_server_does_not_start_again()
    {
        var server = await OrdersTestServer.StartAsync(cancellationToken: Cancelled);
        Assert.True(File.Exists(Path.Combine(server.Folder, "data", "orders.db")));
        await server.DisposeAsync();
        await server.DisposeAsync();
        Assert.False(Directory.Exists(server.Folder));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => server.RestartAsync(Cancelled));
    }

    [Fact]
    public async Task Key_of_another_organization_does_not_see_the_order()
    {
        await _server.PublishAsync(_order, "created", cancellationToken: Cancelled);
        var other = await _server.CreateKeyAsync("other", cancellationToken: Cancelled);
        Assert.DoesNotContain(other.Secret, other.ToString(), StringComparison.Ordinal);
        await using var client = Connect(_server, options => options.ApiKey = other.ApiKey);
        await using var watch = new WatchRun(client, _order, WatchStart.Current);
        await Eventually.Holds(() => watch.Failure is not null, () => "the order is not denied");
        Assert.Equal("access_denied", Assert.IsType<OrdersClientException>(watch.Failure).Code);
    }

    [Fact]
    public async Task Token_covers_its_orders_and_without_orders_the_organization()
    {
        await _server.PublishAsync(_order, "created", cancellationToken: Cancelled);
        await using var customer = Connect(
            _server, options => options.GetToken = _ => ValueTask.FromResult(_server.CreateToken(_order)));
        await using var own = new WatchRun(customer, _order, WatchStart.Beginning);
        await using var foreign = new WatchRun(customer, "o-foreign", WatchStart.Beginning);
        await Eventually.Equal([1L], () => own.Versions);
        await Eventually.Holds(() => foreign.Failure is not null, () => "the other order is not denied");
        await using var board = Connect(
            _server, options => options.GetToken = _ => ValueTask.FromResult(_server.CreateToken()));
        await using var all = new WatchRun(board, null, WatchStart.Current);
        await Eventually.Holds(() => !all.Seen.IsEmpty, () => $"the organization is not seen: {all.Failure}");
        await using var signed = Connect(
            _server, options => options.GetSignature = _ => ValueTask.FromResult(_server.CreateSignature()));
        await using var signedAll = new WatchRun(signed, null, WatchStart.Current);
        await Eventually.Holds(() => !signedAll.Seen.IsEmpty, () => $"not seen: {signedAll.Failure}");
    }

    [Fact]
    public async Task Publishers_over_http_and_orleans_reach_the_server()
    {
        await using var http = new ServiceCollection().AddLogging()
            .AddOrdersHttpPublisher(_server.HttpBaseAddress, _server.ApiKey, _server.Secret)
            .BuildServiceProvider();
        var first = await http.GetRequiredService<IOrderStatusPublisher>().PublishAsync(
            _server.OrganizationId, new OrderStatusEvent { OrderId = _order, Status = "created" }, Cancelled);
        await using var orleans = await PublishingService.ConnectAsync(_server.Gateway.Port);
        var second = await orleans.Publisher.PublishAsync(
            _server.OrganizationId, new OrderStatusEvent { OrderId = _order, Status = "paid" }, Cancelled);
        Assert.Equal((1, 2), (first.Version, second.Version));
    }

    [Fact]
    public async Task Options_take_effect()
    {
        var log = new RecordingLogger<OrdersTestServer>();
        await using var server = await OrdersTestServer.StartAsync(
            options =>
            {
                options.OrganizationId = "acme";
                options.IsRestricted = true;
                options.Settings["OrdersActors:FrontEnd:MaxSubscriptions"] = "1";
                options.Settings["Logging:LogLevel:Default"] = "Information";
                options.ConfigureLogging = logging => logging.AddProvider(new Provider(log));
            },
            Cancelled);
        Assert.Equal("acme", server.OrganizationId);
        Assert.NotEmpty(log.Text);
        await server.PublishAsync("o-1", "created", cancellationToken: Cancelled);
        await server.PublishAsync("o-2", "created", cancellationToken: Cancelled);
        await using var keyOnly = Connect(server, _ => { });
        await using var denied = new WatchRun(keyOnly, "o-1", WatchStart.Current);
        await Eventually.Holds(() => denied.Failure is not null, () => "a restricted key watches an order");
        await using var signed = Connect(server, options => options.ApiSecret = server.Secret);
        await using var one = new WatchRun(signed, "o-1", WatchStart.Current);
        await Eventually.Equal([1L], () => one.Versions);
        await using var two = new WatchRun(signed, "o-2", WatchStart.Current);
        await Eventually.Holds(() => two.Failure is not null, () => "the limit has no effect");
        Assert.Equal("too_many_subscriptions", Assert.IsType<OrdersClientException>(two.Failure).Code);
    }

    [Fact]
    public async Task Wrong_option_is_named()
    {
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => OrdersTestServer.StartAsync(
            options => options.Settings["OrdersActors:FrontEnd:MaxSubscriptions"] = "0", Cancelled));
        Assert.Contains("MaxSubscriptions", e.Message, StringComparison.Ordinal);
        var invalid = await Assert.ThrowsAsync<InvalidOrderEventException>(() => OrdersTestServer.StartAsync(
            options => options.OrganizationId = "", Cancelled));
        Assert.Equal("organization_id", invalid.Field);
    }

    [Fact]
    public async Task Production_server_has_no_demo_account_and_no_board()
    {
        using var http = new HttpClient { BaseAddress = _server.HttpBaseAddress };
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/", Cancelled)).StatusCode);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("demo-key:demo-secret")));
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("/v1/events", Cancelled)).StatusCode);
    }

    /// <summary>Both publishers get the same calls, and must give the same answers and exceptions.</summary>
    [Fact]
    public async Task Fake_publisher_answers_as_the_real_one()
    {
        var e = new OrderStatusEvent { OrderId = "o-1", Status = "paid", Id = "e-1", Details = """{ "n": 1 }""" };
        OrderStatusEvent[][] calls =
        [
            [e], [e], [e with { OccurredAt = e.OccurredAt.AddHours(1), Details = """{"n":1}""" }],
            [e with { Details = null }], [e with { Status = "packed" }], [e with { OrderId = "o-2" }],
            [e with { Id = "e-2", OrderId = "o-2" }, e with { Id = "e-3" }, e with { Id = "e-3" }],
            [e with { Id = "e-4" }, e with { Id = "e-4", Status = "packed" }],
            [e with { Id = "e-5" }, e with { Status = "packed" }], [e with { Id = "e-6" }],
            [e with { Id = "" }], [e with { Id = "e-7" }, e with { Id = "e-8", Details = "[]" }],
            [e with { Id = "e-9", OccurredAt = default }], [],
            [.. Enumerable.Range(0, 1001).Select(i => e with { Id = $"b-{i}", OrderId = $"o-{i % 3}" })],
            [.. Enumerable.Range(0, 1001).Select(i => e with { Id = $"b-{i}", Status = i < 1000 ? "paid" : "x" })],
            [.. Enumerable.Range(0, 1001).Select(i => e with { Id = $"c-{i % 1000}", Status = i < 1000 ? "a" : "b" })],
            [e with { Id = "e-10" }],
        ];
        var (real, fake) = (shared.Server.Publisher, new FakeOrderStatusPublisher());
        foreach (var organization in new[] { $"shop-{Guid.NewGuid():N}"[..20], "", "other" })
        {
            foreach (var (index, call) in calls.Index())
            {
                var expected = await AnswerAsync(real, organization, call);
                Assert.Equal($"{index}: {expected}", $"{index}: {await AnswerAsync(fake, organization, call)}");
            }
        }
    }

    private static async Task<string> AnswerAsync(
        IOrderStatusPublisher publisher, string organization, OrderStatusEvent[] call)
    {
        try
        {
            return call is [var one]
                ? $"{await publisher.PublishAsync(organization, one, Cancelled)}"
                : string.Join("; ", await publisher.PublishAsync(organization, call, Cancelled));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return $"{e.GetType().Name}: {e.Message}";
        }
    }

    private static OrdersClient Connect(OrdersTestServer server, Action<OrdersClientOptions> configure)
    {
        var options = new OrdersClientOptions { Address = server.WebSocketUri, ApiKey = server.ApiKey };
        configure(options);
        return new OrdersClient(options);
    }

    /// <summary>One server for the tests that do not change it.</summary>
    public sealed class Shared : IAsyncLifetime
    {
        private OrdersTestServer? _server;

        public OrdersTestServer Server => _server!;

        public async ValueTask InitializeAsync() => _server = await OrdersTestServer.StartAsync();

        public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    private sealed class Provider(ILogger logger) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => logger;

        public void Dispose()
        {
        }
    }
}
