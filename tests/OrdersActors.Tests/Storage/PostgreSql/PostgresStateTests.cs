using OrdersActors.Storage.PostgreSql;

namespace OrdersActors.Tests.Storage.PostgreSql;

public class PostgresStateTests
{
    private static readonly PostgresState Healthy = new()
    {
        Version = 150_004,
        IsStandby = false,
        IsReadOnly = false,
        Encoding = "UTF8",
        Database = "orders",
        FileSync = "on",
        SynchronousCommit = "remote_apply",
        AutoVacuum = "on",
        MaxConnections = 100,
        Connections = 50,
    };

    public static TheoryData<string, string> Subjects => new()
    {
        { "version", "14" }, { "state", "standby" }, { "durability", "fsync" }, { "autovacuum", "off" },
        { "connections", "90 of 100" },
    };

    [Fact]
    public void Healthy_server_has_no_problem() =>
        Assert.All(Healthy.Findings(), finding => Assert.Null(finding.Fix));

    [Theory]
    [MemberData(nameof(Subjects))]
    public void Problem_is_found_with_its_fix(string subject, string named)
    {
        var state = subject switch
        {
            "version" => Healthy with { Version = 140_010 },
            "state" => Healthy with { IsStandby = true },
            "durability" => Healthy with { FileSync = "off" },
            "autovacuum" => Healthy with { AutoVacuum = "off" },
            _ => Healthy with { Connections = 90 },
        };
        var problem = Assert.Single(state.Findings(), finding => finding.Fix is not null);
        Assert.Equal(subject, problem.Subject);
        Assert.Contains(named, problem.Message, StringComparison.Ordinal);
    }
}
