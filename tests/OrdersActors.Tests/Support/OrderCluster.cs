using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OrdersActors.Cluster;
using OrdersActors.Grains;
using OrdersActors.Publishing;
using OrdersActors.Storage;
using OrdersActors.Storage.Sqlite;
using OrdersActors.Streaming;
using Orleans.TestingHost;

namespace OrdersActors.Tests.Support;

/// <summary>Two silos with one SQLite log, the real stream provider and the real grains.</summary>
public class OrderCluster : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private SqliteEventLog? _log;
    private InProcessTestCluster? _cluster;

    public IEventLog Log => _log!;

    public IApiKeyStore Keys { get; private set; } = null!;

    public IGrainFactory Grains => _cluster!.Client;

    public InProcessTestCluster Cluster => _cluster!;

    /// <summary>The publisher of the cluster's client.</summary>
    public IOrderStatusPublisher Publisher =>
        _cluster!.Client.ServiceProvider.GetRequiredService<IOrderStatusPublisher>();

    public async ValueTask InitializeAsync()
    {
        _log = SqliteEventLog.Open(
            new SqliteStorageOptions { DataDirectory = _folder.Path, FullDurability = false },
            TimeProvider.System, NullLogger<SqliteEventLog>.Instance);
        Keys = new SqliteApiKeyStore(
            new SqliteStorageOptions { DataDirectory = _folder.Path }, new EphemeralDataProtectionProvider(),
            TimeProvider.System);
        var builder = new InProcessTestClusterBuilder(2);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton(Decorate(_log));
            silo.Services.AddSingleton<IApiKeyStore>(_ => Keys);
            silo.AddOrderCluster().AddOrderStreams().AddOrderGrains();
            silo.Services.Configure<OrderStreamOptions>(options => options.CheckpointInterval = TimeSpan.Zero);
            silo.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
            Configure(silo);
        });
        builder.ConfigureClient(client =>
        {
            client.AddOrderStreams();
            client.Services.AddOrderStatusPublisher();
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _cluster!.StopAllSilosAsync();
        await _cluster.DisposeAsync();
        await _log!.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Lets a derived cluster add services to each silo.</summary>
    protected virtual void Configure(ISiloBuilder silo)
    {
    }

    /// <summary>The log as the silos see it.</summary>
    protected virtual IEventLog Decorate(IEventLog log) => log;

    /// <summary>An organization that no other test uses.</summary>
    public static string NewOrganization() => $"shop-{Guid.NewGuid():N}"[..20];

    public async Task<OrderEvent> AppendAsync(string organizationId, string orderId, string status = "created")
    {
        var stored = await Log.AppendAsync(
            organizationId, [new OrderStatusEvent { OrderId = orderId, Status = status }],
            TestContext.Current.CancellationToken);
        return stored[0];
    }
}
