using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrdersActors.Publishing;

namespace OrdersActors.Tests.Publishing;

public sealed class OrderPublishingHostingTests
{
    [Theory]
    [InlineData("RetryFor", -1)]
    [InlineData("RetryFor", 3601)]
    [InlineData("FirstPause", 0)]
    [InlineData("FirstPause", 61)]
    public void Setting_out_of_its_range_is_named(string setting, double seconds)
    {
        var e = Assert.Throws<OptionsValidationException>(() => Options(options =>
        {
            options.RetryFor = setting == "RetryFor" ? TimeSpan.FromSeconds(seconds) : options.RetryFor;
            options.FirstPause = setting == "FirstPause" ? TimeSpan.FromSeconds(seconds) : options.FirstPause;
        }));
        Assert.Contains($"{setting} must be", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(151)]
    public void Cluster_id_must_have_1_to_150_characters(int length)
    {
        var e = Assert.Throws<OptionsValidationException>(
            () => Options(options => options.ClusterId = new string('x', length)));
        Assert.Contains("ClusterId must have", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Defaults_and_the_ends_of_the_ranges_are_valid()
    {
        Assert.Equal(TimeSpan.FromSeconds(30), Options(_ => { }).RetryFor);
        Options(options => (options.RetryFor, options.FirstPause) = (TimeSpan.Zero, TimeSpan.FromMilliseconds(1)));
        Options(options =>
            (options.RetryFor, options.FirstPause) = (TimeSpan.FromHours(1), TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public void Keyed_publisher_needs_gateways()
    {
        var services = new ServiceCollection().AddLogging();
        services.AddOrderStatusPublisher("hub-b", _ => { });
        using var provider = services.BuildServiceProvider();
        Assert.Throws<OptionsValidationException>(
            () => provider.GetRequiredKeyedService<IOrderStatusPublisher>("hub-b"));
    }

    [Fact]
    public void Error_names_the_missing_gateways_if_streams_are_missing_too()
    {
        var services = new ServiceCollection().AddLogging();
        services.AddOrderStatusPublisher();
        using var provider = services.BuildServiceProvider();
        var e = Assert.Throws<InvalidOperationException>(() => provider.GetRequiredService<IOrderStatusPublisher>());
        Assert.Contains("Gateways", e.Message, StringComparison.Ordinal);
    }

    private static OrderStatusPublisherOptions Options(Action<OrderStatusPublisherOptions> configure)
    {
        var services = new ServiceCollection().AddLogging();
        services.AddOrderStatusPublisher(configure);
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<OrderStatusPublisherOptions>>().Value;
    }
}
