using Microsoft.Extensions.Configuration;
using OrdersActors.Server.Hosting;
using OrdersActors.Storage.PostgreSql;

namespace OrdersActors.Tests.Server.Hosting;

public sealed class ServerStorageTests
{
    private const string Section = "OrdersActors:Postgres";

    [Fact]
    public void Valid_settings_are_read_and_completed()
    {
        var options = Read(("PartitionCount", "5"));
        Assert.Equal((5, "Host=db"), (options.PartitionCount, options.ConnectionString));
    }

    [Fact]
    public void All_settings_of_a_section_that_are_out_of_range_are_named_in_one_line()
    {
        var e = Assert.Throws<StartupException>(
            () => Read(("PartitionCount", "0"), ("PollInterval", "00:02:00"), ("LiveConnections", "5")));
        Assert.StartsWith($"{Section}: ", e.Message, StringComparison.Ordinal);
        Assert.Contains("PartitionCount", e.Message, StringComparison.Ordinal);
        Assert.Contains("; ", e.Message, StringComparison.Ordinal);
        Assert.Contains("PollInterval", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("LiveConnections", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void Setting_that_is_not_a_value_of_its_type_is_named() => Assert.Contains(
        $"{Section}:PartitionCount",
        Assert.Throws<StartupException>(() => Read(("PartitionCount", "many"))).Message,
        StringComparison.Ordinal);

    private static PostgresStorageOptions Read(params (string Name, string Value)[] settings) => ServerStorage.Read(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(
            setting => new KeyValuePair<string, string?>($"{Section}:{setting.Name}", setting.Value))).Build(),
        Section,
        new PostgresStorageOptions(),
        options => options.ConnectionString = "Host=db");
}
