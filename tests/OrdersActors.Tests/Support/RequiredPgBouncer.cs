using OrdersActors.TestServer;

namespace OrdersActors.Tests.Support;

/// <summary>For tests with a connection pooler.</summary>
internal static class RequiredPgBouncer
{
    /// <summary>Skips the test where PgBouncer is not installed, and fails it in CI.</summary>
    public static void Check()
    {
        if (!PgBouncer.IsInstalled)
        {
            const string reason = "PgBouncer is not installed: apt-get install pgbouncer";
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") != "true", reason);
            Assert.Fail(reason);
        }
    }
}
