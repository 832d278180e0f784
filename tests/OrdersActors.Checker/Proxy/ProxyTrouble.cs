using OrdersActors.Checker.Reporting;
using OrdersActors.Checker.Trouble;

namespace OrdersActors.Checker.Proxy;

/// <summary>
/// Makes faults of the proxy at random intervals, each of about half of the connections. It does not wait for the end
/// of a fault, so several last at a time, also while servers fail.
/// </summary>
internal sealed class ProxyTrouble(ClientProxy proxy, CheckOptions options, RunCounts counts, Progress progress)
{
    private readonly Random _random = new(options.Seed);

    /// <summary>Runs until <paramref name="calm"/>, and then ends all faults.</summary>
    public async Task RunAsync(CancellationToken calm)
    {
        var kinds = options.ProxyFaults.Count > 0 ? options.ProxyFaults : Enum.GetValues<ProxyFault>();
        foreach (var fault in TroubleKinds.Shuffle(options.ProxyEvery.Most > 0 ? kinds : [], _random))
        {
            await Task.Delay(Between(options.ProxyEvery.Least, options.ProxyEvery.Most), calm)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (calm.IsCancellationRequested)
            {
                break;
            }

            var duration = fault switch
            {
                ProxyFault.HalfOpen => TimeSpan.FromSeconds(options.HalfOpenFor),
                ProxyFault.Slice => Between(10, 20),
                _ => Between(5, 15),
            };
            var count = proxy.Make(fault, duration, latency: Between(0.1, 1), () => Random.Shared.Next(2) == 0);
            counts.Happened(fault, count);
            progress.Tell($"proxy: {fault.Name()}, {count} connections");
        }

        proxy.Calm();
    }

    private TimeSpan Between(double least, double most) =>
        TimeSpan.FromSeconds(least + (_random.NextDouble() * (most - least)));
}
