using System.Diagnostics;
using OrdersActors.EndToEndTests.NothingLost;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Telemetry;

/// <summary>A real Prometheus evaluates the alert rules while a silo is frozen.</summary>
[Collection(nameof(CheckedRun))]
public sealed class PartitionLagAlertTests
{
    private const string Alert = "OrdersPartitionLag";
    private const string Fired = $"count_over_time(ALERTS{{alertname=\"{Alert}\",alertstate=\"firing\"}}[20s])";
    private const int Publishers = 16;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    // Only failing tests wait this long.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    // The others take a frozen silo's partitions over within about ten seconds.
    private static readonly TimeSpan FreezeTimeout = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Alert_fires_while_a_silo_is_frozen_and_ends_after_that()
    {
        RequiredPostgres.Check();
        RequiredPrometheus.Check();
        await using var cluster = await ServerCluster.StartAsync(new ClusterSettings
        {
            Roles = [ServerRole.All, ServerRole.All],
            ServesMetrics = true,
        });
        await using var prometheus = await PrometheusServer.StartAsync(
            cluster.Servers.Select(server => server.Metrics!), Monitoring.Rules, Interval);
        using var stopping = new CancellationTokenSource();
        // Publishers use the silo that is not frozen.
        await using var service = await PublishingService.ConnectAsync([cluster.Servers[1].Gateway], cluster.Id);
        var publishing = Task.WhenAll(
            Enumerable.Range(0, Publishers).Select(number => PublishAsync(service, number, stopping.Token)));
        var survivor = cluster.Servers[1].Metrics!.ToString();

        await UntilAsync(async () => (await AgesAsync(prometheus, survivor)).Count == 8);
        var frozen = cluster.Servers[0];
        var hasFired = false;
        // How long a takeover takes is random: it begins between two probes, and between two checkpoints.
        for (var attempt = 1; attempt <= 3 && !hasFired; attempt++)
        {
            // Otherwise an alert of the attempt before would count.
            await UntilAsync(async () => (await prometheus.QueryAsync(Fired)).Count == 0);
            await frozen.SignalAsync("STOP");
            hasFired = await HasFiredAsync(prometheus);
            // The other silo has taken the partitions over.
            await UntilAsync(async () => !await IsFiringAsync(prometheus));
            // A silo that was declared dead would end by itself if it continued, and a supervisor would start it again.
            await frozen.KillAsync();
            await frozen.StartAgainAsync();
            await UntilAsync(async () => !await IsFiringAsync(prometheus));
            TestContext.Current.TestOutputHelper?.WriteLine($"attempt {attempt}: {hasFired}");
        }

        Assert.True(hasFired, "The alert did not fire.");
        Assert.Equal(8, (await AgesAsync(prometheus, survivor)).Count);
        await stopping.CancelAsync();
        await publishing;
    }

    private static async Task<bool> HasFiredAsync(PrometheusServer prometheus)
    {
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < FreezeTimeout;)
        {
            // Also if it has already ended.
            if ((await prometheus.QueryAsync(Fired)).Count > 0)
            {
                return true;
            }

            await Task.Delay(Interval / 2, TestContext.Current.CancellationToken);
        }

        return false;
    }

    private static async Task<bool> IsFiringAsync(PrometheusServer prometheus) =>
        (await prometheus.GetFiringAsync()).Contains(Alert);

    /// <summary>The ages of all partitions, as a server sees them.</summary>
    private static Task<IReadOnlyList<(string Labels, double Value)>> AgesAsync(
        PrometheusServer prometheus, string instance) =>
        prometheus.QueryAsync($"orders_actors_partition_lag_age_seconds{{instance=\"{instance}\"}}");

    /// <summary>Publishes for many organizations, which are in all partitions.</summary>
    private static async Task PublishAsync(PublishingService service, int publisher, CancellationToken stopping)
    {
        for (var number = 0; !stopping.IsCancellationRequested; number++)
        {
            await service.PublishAsync($"shop-{publisher}-{number % 8}", "o-1", "paid");
            await Task.Delay(TimeSpan.FromMilliseconds(20), CancellationToken.None);
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var waited = Stopwatch.StartNew(); !await condition();)
        {
            Assert.True(waited.Elapsed < WaitTimeout, "The condition did not become true.");
            await Task.Delay(Interval / 2, TestContext.Current.CancellationToken);
        }
    }
}
