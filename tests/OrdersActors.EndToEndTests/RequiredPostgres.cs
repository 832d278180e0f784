using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests;

/// <summary>The PostgreSQL that tests of clusters need.</summary>
internal static class RequiredPostgres
{
    /// <summary>Skips the test if PostgreSQL is not installed; fails it in CI.</summary>
    public static void Check()
    {
        if (PostgresServer.Binaries is null)
        {
            const string reason = "PostgreSQL is not installed: apt-get install postgresql";
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") != "true", reason);
            Assert.Fail(reason);
        }
    }
}
