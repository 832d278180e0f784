using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests;

/// <summary>The HAProxy that tests with a load balancer need.</summary>
internal static class RequiredHaProxy
{
    /// <summary>Skips the test if HAProxy is not installed; fails it in CI.</summary>
    public static void Check()
    {
        if (!HaProxy.IsInstalled)
        {
            const string reason = "HAProxy is not installed: apt-get install haproxy";
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") != "true", reason);
            Assert.Fail(reason);
        }
    }
}
