using System.Diagnostics;
using OrdersActors.TestServer;

namespace OrdersActors.Benchmarks;

/// <summary>
/// Kills (SIGKILL) or freezes (SIGSTOP) three servers, one after the other, and starts each again, while services
/// publish at a steady rate. Measures how long clients on the other servers receive no event.
/// </summary>
internal static class KillBenchmark
{
    private const int Servers = 3;

    // Enough organizations that every server hosts some.
    private const int Organizations = 12;

    // Per organization: one event every 50 ms, so a silence of 50 ms is normal.
    private const int Rate = 20;

    private static readonly TimeSpan Steady = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Consequences = TimeSpan.FromSeconds(15);

    public static async Task RunAsync(int kills, bool freeze)
    {
        await using var cluster = await ServerCluster.StartAsync();
        using var stop = new CancellationTokenSource();
        var clients = new List<SteadyClient>();
        for (var i = 0; i < Organizations; i++)
        {
            var (key, secret) = await cluster.Servers[0].CreateKeyAsync(Organization(i));
            clients.AddRange(cluster.Servers.Select(
                (server, place) => new SteadyClient(place, server.WebSocketAddress, key, secret)));
        }

        var services = await Task.WhenAll(Enumerable.Range(0, Servers).Select(_ => cluster.ConnectPublisherAsync()));
        var publishing = Enumerable.Range(0, Organizations)
            .Select(i => PublishAsync(services[i % Servers], Organization(i), stop.Token));
        var running = Task.WhenAll([.. clients.Select(client => client.RunAsync(stop.Token)), .. publishing]);

        var all = new List<TimeSpan>();
        var worst = new List<TimeSpan>();
        for (var kill = 0; kill < kills; kill++)
        {
            await Task.Delay(Steady);
            var (place, at) = (kill % Servers, Stopwatch.GetTimestamp());
            await (freeze ? cluster.Servers[place].SignalAsync("STOP") : cluster.Servers[place].KillAsync());
            await Task.Delay(Consequences);
            TimeSpan[] silences = [.. clients.Where(client => client.Place != place)
                .Select(client => client.LongestSilence(at)).OfType<TimeSpan>()];
            all.AddRange(silences);
            worst.Add(silences.Max());
            Console.WriteLine(
                $"{(freeze ? "freeze" : "kill")} {kill + 1}: median {Silence.Median(silences).TotalSeconds:0.00} s, "
                + $"worst {silences.Max().TotalSeconds:0.00} s of {silences.Length} clients on other servers");
            if (freeze)
            {
                // The others have declared it dead, so it would terminate as soon as it resumes.
                await cluster.Servers[place].KillAsync();
            }

            await cluster.Servers[place].StartAgainAsync();
        }

        Console.WriteLine(
            $"longest time without events after {kills} {(freeze ? "freezes" : "kills")}, "
            + $"{clients.Count * 2 / 3} clients on other servers: median {Silence.Median(all).TotalSeconds:0.00} s, "
            + $"worst {all.Max().TotalSeconds:0.00} s");
        Console.WriteLine($"worst client of each time: median {Silence.Median(worst).TotalSeconds:0.00} s");
        await stop.CancelAsync();
        await running;
        foreach (var service in services)
        {
            await service.DisposeAsync();
        }
    }

    private static string Organization(int i) => $"shop-{i}";

    /// <summary>
    /// Keeps the rate regardless of the outcome of the calls. The library retries each call until it succeeds.
    /// </summary>
    private static async Task PublishAsync(PublishingService service, string organization, CancellationToken stop)
    {
        var calls = new List<Task>();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / Rate));
        while (!stop.IsCancellationRequested)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
            calls.RemoveAll(call => call.IsCompletedSuccessfully);
            calls.Add(service.PublishAsync(organization, $"order of {organization}", "moving"));
        }

        await Task.WhenAll(calls);
    }
}
