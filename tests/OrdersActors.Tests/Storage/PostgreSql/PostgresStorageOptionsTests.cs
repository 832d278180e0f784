using System.ComponentModel.DataAnnotations;
using OrdersActors.Storage.PostgreSql;

namespace OrdersActors.Tests.Storage.PostgreSql;

public sealed class PostgresStorageOptionsTests
{
    private readonly PostgresStorageOptions _options = new() { ConnectionString = "Host=db" };

    [Fact]
    public void Defaults_are_valid_except_for_the_connection_string()
    {
        Assert.Null(Problem());
        _options.ConnectionString = "";
        Assert.Contains("ConnectionString", Problem(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(PostgresStorageOptions.PartitionCount), 1, 64)]
    [InlineData(nameof(PostgresStorageOptions.AppendConnections), 1, 64)]
    [InlineData(nameof(PostgresStorageOptions.LiveConnections), 1, 64)]
    [InlineData(nameof(PostgresStorageOptions.ReplayConnections), 1, 64)]
    [InlineData(nameof(PostgresStorageOptions.MaxQueuedAppends), 1, 100_000)]
    [InlineData(nameof(PostgresStorageOptions.MaxGroupCommit), 1, 100_000)]
    public void Number_outside_of_its_range_is_named(string name, int min, int max) =>
        HasRange(name, min, max, min - 1, max + 1);

    [Theory]
    [InlineData(nameof(PostgresStorageOptions.QueueTimeout), 0.1, 60)]
    [InlineData(nameof(PostgresStorageOptions.ConnectTimeout), 1, 60)]
    [InlineData(nameof(PostgresStorageOptions.CommandTimeout), 1, 300)]
    [InlineData(nameof(PostgresStorageOptions.PollInterval), 0.1, 60)]
    [InlineData(nameof(PostgresStorageOptions.LongTransactionAge), 1, 604_800)]
    public void Time_outside_of_its_range_is_named(string name, double min, double max) => HasRange(
        name,
        TimeSpan.FromSeconds(min),
        TimeSpan.FromSeconds(max),
        TimeSpan.FromSeconds(min - 0.01),
        TimeSpan.FromSeconds(max + 0.01));

    private void HasRange(string name, object min, object max, object below, object above)
    {
        foreach (var (value, isValid) in new[] { (min, true), (max, true), (below, false), (above, false) })
        {
            typeof(PostgresStorageOptions).GetProperty(name)!.SetValue(_options, value);
            if (isValid)
            {
                Assert.Null(Problem());
            }
            else
            {
                Assert.Contains(name, Problem(), StringComparison.Ordinal);
            }
        }
    }

    private string? Problem()
    {
        var problems = new List<ValidationResult>();
        Validator.TryValidateObject(_options, new ValidationContext(_options), problems, validateAllProperties: true);
        return problems.SingleOrDefault()?.ErrorMessage;
    }
}
