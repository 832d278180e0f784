using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests;

/// <summary>For tests of clusters.</summary>
internal static class RequiredPostgres
{
    /// <summary>Skips the test where PostgreSQL is not installed, and fails it in CI.</summary>
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
