using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests;

/// <summary>The Prometheus that tests of metrics and alerts need.</summary>
internal static class RequiredPrometheus
{
    /// <summary>Skips the test if Prometheus is not installed; fails it in CI.</summary>
    public static void Check()
    {
        if (!PrometheusServer.IsInstalled)
        {
            const string reason = "Prometheus is not installed: apt-get install prometheus";
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") != "true", reason);
            Assert.Fail(reason);
        }
    }
}
