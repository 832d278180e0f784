using OrdersActors.TestServer;

namespace OrdersActors.Tests.Support;

/// <summary>The PgBouncer that tests with a connection pooler need.</summary>
internal static class RequiredPgBouncer
{
    /// <summary>Skips the test if PgBouncer is not installed; fails it in CI.</summary>
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
