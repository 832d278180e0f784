using OrdersActors.Benchmarks.Scaling;

namespace OrdersActors.Tests.Benchmarks.Scaling;

public sealed class ScaleResultTests
{
    private static readonly ScaleResult One = new(1, Quota: 0.25)
    {
        Connections = 1000,
        ConnectRate = 500,
        DeliveryRate = 5000,
        ServerCores = 0.25,
        Throttled = 0.99,
        PostgresCores = 0.1,
        LoadCores = 0.2,
        MachineCores = 2,
    };

    [Fact]
    public void Row_shows_the_rate_per_server_as_a_share_of_one_server_alone()
    {
        var two = One with { Servers = 2, DeliveryRate = 9000, ServerCores = 0.5 };

        Assert.Equal(
            "| 2 | 1000 | 500 | 9000 | 90 % | 0.50 of 0.50 | 99 % | 56 | 0.10 | 0.20 | 0.00 | quota of the servers |",
            two.ToRow(One));
        Assert.Contains("| 100 % |", One.ToRow(One), StringComparison.Ordinal);
        Assert.Contains("| – |", One.ToRow(alone: null), StringComparison.Ordinal);
        Assert.Equal(ScaleResult.Header.Split('\n')[0].Count(c => c == '|'), two.ToRow(One).Count(c => c == '|'));
    }

    [Theory]
    [InlineData(0.23, 0.5, 0.2, 0.0, "quota of the servers")]
    [InlineData(0.23, 1.0, 0.2, 0.0, "quota of the servers, PostgreSQL")]
    [InlineData(0.15, 0.95, 0.2, 0.0, "PostgreSQL")]
    [InlineData(0.15, 0.5, 0.4, 0.9, "machine")]
    [InlineData(0.15, 0.3, 0.4, 0.1, "none: waits")]
    public void Limit_is_every_resource_that_is_used_up(
        double servers, double postgres, double load, double others, string limit) =>
        Assert.Equal(limit, (One with
        {
            ServerCores = servers,
            PostgresCores = postgres,
            LoadCores = load,
            OtherCores = others,
        }).Limit);
}
