using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Clustering;

/// <summary>Three servers with role All and one front end, for tests that kill none of them.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    private ServerCluster? _cluster;

    public ServerCluster Cluster
    {
        get
        {
            RequiredPostgres.Check();
            return _cluster!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (PostgresServer.Binaries is not null)
        {
            _cluster = await ServerCluster.StartAsync(new ClusterSettings
            {
                Roles = [ServerRole.All, ServerRole.All, ServerRole.All, ServerRole.FrontEnd],
            });
        }
    }

    public ValueTask DisposeAsync() => _cluster?.DisposeAsync() ?? ValueTask.CompletedTask;
}
