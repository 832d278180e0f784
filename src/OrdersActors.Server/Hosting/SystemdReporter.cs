using System.Globalization;
using System.Net.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting.Systemd;

namespace OrdersActors.Server.Hosting;

/// <summary>
/// Reports the state of the server to systemd, for a unit of <c>Type=notify</c>: <c>READY=1</c> when
/// <c>/healthz/ready</c> answers 200 for the first time, <c>STOPPING=1</c> when the server begins to stop, and
/// <c>WATCHDOG=1</c> as long as it lives.
/// </summary>
/// <remarks>
/// The watchdog's messages come from the thread pool, which serves all requests. If the pool is stuck or the process is
/// frozen, no message comes, and systemd ends the process. A cluster or a database that does not answer is no reason to
/// end it, because a restart would not help.
/// </remarks>
internal sealed partial class SystemdReporter(
    ISystemdNotifier systemd, TimeSpan? watchdog, HealthCheckService health, IHostApplicationLifetime lifetime,
    TimeProvider time, ILogger<SystemdReporter> logger) : BackgroundService
{
    private static readonly ServiceState Alive = new("WATCHDOG=1");
    private static readonly TimeSpan ReadinessInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan IdleInterval = TimeSpan.FromHours(1);

    private bool _isFailing;

    /// <summary>
    /// Adds the reporter if systemd has started this process. Must be called before the other services are added, so
    /// that it is stopped last.
    /// </summary>
    public static void AddTo(IServiceCollection services)
    {
        var systemd = new SystemdNotifier();
        if (systemd.IsEnabled)
        {
            var watchdog = WatchdogInterval(Environment.GetEnvironmentVariable, Environment.ProcessId);
            services.AddHostedService(provider => new SystemdReporter(
                systemd, watchdog, provider.GetRequiredService<HealthCheckService>(),
                provider.GetRequiredService<IHostApplicationLifetime>(), provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<SystemdReporter>>()));
        }
    }

    /// <summary>
    /// The interval between two messages: a third of the time after which systemd ends a silent process. Null if there
    /// is no watchdog, or if it is meant for another process.
    /// </summary>
    /// <param name="variable">Reads a variable of the environment.</param>
    /// <param name="processId">The id of this process.</param>
    public static TimeSpan? WatchdogInterval(Func<string, string?> variable, int processId) =>
        variable("WATCHDOG_PID") is { Length: > 0 } pid && pid != processId.ToString(CultureInfo.InvariantCulture)
            ? null
            : long.TryParse(
                variable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds)
            && microseconds > 0
                ? TimeSpan.FromMicroseconds(Math.Max(microseconds / 3, 1000))
                : null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var stopping = lifetime.ApplicationStopping.Register(() => Notify(ServiceState.Stopping));
        using var timer = new PeriodicTimer(
            watchdog < ReadinessInterval ? watchdog.Value : ReadinessInterval, time);
        var (isReady, aliveAt) = (false, (long?)null);
        do
        {
            if (watchdog is not null && (aliveAt is null || time.GetElapsedTime(aliveAt.Value) >= watchdog))
            {
                aliveAt = time.GetTimestamp();
                Notify(Alive);
            }

            if (!isReady && await IsReadyAsync(stoppingToken))
            {
                isReady = true;
                Notify(ServiceState.Ready);
                timer.Period = watchdog ?? IdleInterval;
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken) =>
        // The web server starts last.
        lifetime.ApplicationStarted.IsCancellationRequested
        && (await health.CheckHealthAsync(Readiness.IsReadiness, cancellationToken)).Status != HealthStatus.Unhealthy;

    private void Notify(ServiceState state)
    {
        try
        {
            systemd.Notify(state);
            _isFailing = false;
        }
        catch (SocketException e)
        {
            // Logged only once: the next message is sent in any case.
            if (!_isFailing)
            {
                _isFailing = true;
                LogNotSent(e.Message);
            }
        }
    }

    [LoggerMessage(1632, LogLevel.Warning,
        "systemd cannot be notified of the server's state: {Reason}. It may end the server")]
    private partial void LogNotSent(string reason);
}
