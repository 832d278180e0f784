using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;
using Orleans.Configuration;
using Orleans.Messaging;

namespace OrdersActors.Tests.Clustering;

/// <summary>Orleans' ADO.NET membership on the tables of our schema.</summary>
public sealed class PostgresMembershipTests(PostgresFixture postgres) : IAsyncLifetime
{
    private PostgresDatabase? _database;

    private PostgresStorageOptions Options => new() { ConnectionString = _database!.ConnectionString };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateDatabaseAsync();
        await using var connections = PostgresConnections.ForKeys(Options, TimeProvider.System);
        await PostgresSchema.MigrateAsync(connections, Options, onMigrate: null, Cancelled);
    }

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Silos_find_each_other_clients_find_silos_and_a_leaving_silo_disappears()
    {
        using var first = await StartSiloAsync();
        using var second = await StartSiloAsync();
        await Eventually.Holds(
            () => Active(first) == 2 && Active(second) == 2, () => "the silos do not see each other");
        using var client = await StartClientAsync();
        var gateways = client.Services.GetRequiredService<IGatewayListProvider>();
        Assert.Equal(2, (await gateways.GetGateways()).Count);
        Assert.Equal(2, Active(client));

        await second.StopAsync(Cancelled);
        await Eventually.Holds(() => Active(first) == 1, () => "the silo that left is still there");
        Assert.Single(await gateways.GetGateways());
        var statuses = await _database!.SqlAsync(
            "SELECT status FROM orders_actors.orleansmembershiptable ORDER BY status");
        Assert.Equal($"{(int)SiloStatus.Active}\n{(int)SiloStatus.Dead}", statuses);
        await client.StopAsync(Cancelled);
        await first.StopAsync(Cancelled);
    }

    [Fact]
    public async Task Change_succeeds_only_from_the_version_that_was_read()
    {
        using var silo = Silo();
        var table = silo.Services.GetRequiredService<IMembershipTable>();
        await table.InitializeMembershipTableAsync(true, Cancelled);
        await table.InitializeMembershipTableAsync(true, Cancelled);
        var empty = await table.ReadAllAsync(Cancelled);
        Assert.Empty(empty.Members);
        Assert.Equal(0, empty.Version.Version);
        var one = Entry(1);
        Assert.True(await table.InsertRowAsync(one, empty.Version.Next(), Cancelled));
        Assert.False(await table.InsertRowAsync(Entry(2), empty.Version.Next(), Cancelled));
        var after = await table.ReadAllAsync(Cancelled);
        Assert.Equal(1, after.Version.Version);
        // A silo that already exists is not added again, and the version does not change.
        Assert.False(await table.InsertRowAsync(one, after.Version.Next(), Cancelled));
        Assert.Equal(1, (await table.ReadAllAsync(Cancelled)).Version.Version);
        Assert.True(await table.InsertRowAsync(Entry(2), after.Version.Next(), Cancelled));

        var both = await table.ReadAllAsync(Cancelled);
        Assert.Equal(2, both.Members.Count);
        one.Status = SiloStatus.Dead;
        one.AddSuspector(Entry(2).SiloAddress, new DateTime(2030, 1, 2, 3, 4, 5, DateTimeKind.Utc));
        Assert.False(await table.UpdateRowAsync(one, after.Version.VersionEtag, after.Version.Next(), Cancelled));
        Assert.True(await table.UpdateRowAsync(one, both.Version.VersionEtag, both.Version.Next(), Cancelled));
        Assert.False(await UpdateAsync(table, Entry(3)));
        var read = Assert.Single((await table.ReadRowAsync(one.SiloAddress, Cancelled)).Members).Item1;
        Assert.Equal(
            (SiloStatus.Dead, "silo-1", "host", 30001), (read.Status, read.SiloName, read.HostName, read.ProxyPort));
        Assert.Equal(one.StartTime, read.StartTime);
        Assert.Equal(Entry(2).SiloAddress, Assert.Single(read.SuspectTimes!).Item1);
        var missing = await table.ReadRowAsync(Entry(3).SiloAddress, Cancelled);
        Assert.Empty(missing.Members);
        Assert.Equal(3, missing.Version.Version);
    }

    [Fact]
    public async Task Dead_silos_are_removed_after_a_while_and_all_entries_of_a_cluster_on_request()
    {
        using var silo = Silo();
        var table = silo.Services.GetRequiredService<IMembershipTable>();
        await table.InitializeMembershipTableAsync(true, Cancelled);
        for (var i = 1; i <= 3; i++)
        {
            Assert.True(
                await table.InsertRowAsync(Entry(i), (await table.ReadAllAsync(Cancelled)).Version.Next(), Cancelled));
        }

        var dead = Entry(1);
        dead.Status = SiloStatus.Dead;
        dead.AddSuspector(Entry(2).SiloAddress, dead.IAmAliveTime);
        Assert.True(await UpdateAsync(table, dead));
        var recent = Entry(2);
        recent.Status = SiloStatus.Dead;
        Assert.True(await UpdateAsync(table, recent));
        recent.IAmAliveTime += TimeSpan.FromHours(1);
        await table.UpdateIAmAliveAsync(recent, Cancelled);
        await table.CleanupDefunctSiloEntriesAsync(recent.IAmAliveTime, Cancelled);
        Assert.Equal(
            ["silo-2", "silo-3"],
            (await table.ReadAllAsync(Cancelled)).Members.Select(member => member.Item1.SiloName).Order());
        await table.DeleteMembershipTableEntriesAsync("orders", Cancelled);
        await table.InitializeMembershipTableAsync(true, Cancelled);
        Assert.Empty((await table.ReadAllAsync(Cancelled)).Members);
    }

    /// <summary>The number of active silos, as a process of the cluster sees it.</summary>
    private static int Active(IHost host) => host.Services.GetRequiredService<IGrainFactory>()
        .GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true, Cancelled).GetAwaiter().GetResult().Count;

    private static MembershipEntry Entry(int n) => new()
    {
        SiloAddress = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 11000 + n), n),
        SiloName = $"silo-{n}",
        HostName = "host",
        Status = SiloStatus.Active,
        ProxyPort = 30000 + n,
        StartTime = new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc),
        IAmAliveTime = new DateTime(2030, 1, 1, 0, 0, n, DateTimeKind.Utc),
        SuspectTimes = [],
    };

    private static async Task<bool> UpdateAsync(IMembershipTable table, MembershipEntry entry)
    {
        var version = (await table.ReadAllAsync(Cancelled)).Version;
        return await table.UpdateRowAsync(entry, version.VersionEtag, version.Next(), Cancelled);
    }

    private IHost Silo()
    {
        var ports = ServerProcess.FreePorts(2);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.UseOrleans(silo => silo
            .UseAdoNetClustering(options => (options.Invariant, options.DataSource) =
                (PostgresMembership.Invariant, PostgresMembership.DataSource(Options)))
            .ConfigureEndpoints(IPAddress.Loopback, ports[0], ports[1])
            .Configure<ClusterOptions>(cluster => cluster.ClusterId = cluster.ServiceId = "orders"));
        return builder.Build();
    }

    private async Task<IHost> StartSiloAsync()
    {
        var silo = Silo();
        await silo.StartAsync(Cancelled);
        return silo;
    }

    private async Task<IHost> StartClientAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleansClient(client => client
            .UseAdoNetClustering(options => (options.Invariant, options.DataSource) =
                (PostgresMembership.Invariant, PostgresMembership.DataSource(Options)))
            .Configure<ClusterOptions>(cluster => cluster.ClusterId = cluster.ServiceId = "orders"));
        var client = builder.Build();
        await client.StartAsync(Cancelled);
        return client;
    }
}
