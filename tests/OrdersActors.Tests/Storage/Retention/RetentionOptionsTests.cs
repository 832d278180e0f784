using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrdersActors.Storage;
using OrdersActors.Storage.Retention;

namespace OrdersActors.Tests.Storage.Retention;

public sealed class RetentionOptionsTests
{
    [Theory]
    [InlineData("MaxAge", "00:00:04")]
    [InlineData("MaxAge", "3651.00:00:00")]
    [InlineData("MaxPerOrganization", "0")]
    [InlineData("MaxPerOrder", "0")]
    [InlineData("Interval", "00:00:00.9")]
    [InlineData("Interval", "01:00:01")]
    [InlineData("MaxClockLead", "00:59:59")]
    public void Invalid_setting_is_named(string name, string value) => Assert.Contains(
        name, Assert.Throws<OptionsValidationException>(() => Configured(name, value)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Settings_become_limits_with_a_precision_of_one_interval_or_coarser_for_a_long_age()
    {
        Assert.Equal(
            new RetentionLimits(TimeSpan.FromDays(30), 1_000_000, 1000, TimeSpan.FromMinutes(1))
            {
                MaxClockLead =
                TimeSpan.FromDays(1)
            },
            new RetentionOptions().Limits);
        Assert.Equal(new DateOnly(2026, 11, 25), Configured("ClockConfirmedOn", "2026-11-25").Limits.ClockConfirmedOn);
        Assert.Equal(TimeSpan.FromDays(3650) / 100_000, Configured("MaxAge", "3650.00:00:00").Limits.AgePrecision);
        Assert.Equal(5, Configured("MaxPerOrder", "5").Limits.MaxPerOrder);
    }

    private static RetentionOptions Configured(string name, string value)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(
            new ConfigurationBuilder().AddInMemoryCollection([new($"OrdersActors:Retention:{name}", value)]).Build());
        services.AddOrderRetention();
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<RetentionOptions>>().Value;
    }
}
