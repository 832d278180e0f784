using OrdersActors.Server.Commands;
using OrdersActors.Server.Hosting;
using OrdersActors.Storage.ApiKeys;

namespace OrdersActors.Tests.Commands;

public sealed class ApiSecretTests
{
    [Fact]
    public void Created_secret_and_demo_secret_cause_no_warning()
    {
        Assert.Null(ApiSecret.Doubt(ApiKeyGenerator.NewSecret()));
        Assert.Null(ApiSecret.Doubt("demo-secret"));
        Assert.Null(ApiSecret.Refusal(ApiKeyGenerator.NewKey(), ApiKeyGenerator.NewSecret()));
    }

    [Theory]
    [InlineData("oas_short")]
    [InlineData("something else")]
    [InlineData("x")]
    public void Unusual_secret_causes_a_warning_that_does_not_contain_it(string secret)
    {
        Assert.NotNull(ApiSecret.Doubt(secret));
        Assert.DoesNotContain(secret, ApiSecret.Doubt(secret), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("oak_key", "oak_other")]
    [InlineData("oas_secret", "whatever")]
    [InlineData("key", "key")]
    [InlineData("key", "sec ret")]
    [InlineData("key", "secret\t")]
    public void Impossible_pair_of_key_and_secret_is_refused(string key, string secret) =>
        Assert.NotNull(ApiSecret.Refusal(key, secret));

    [Theory]
    [InlineData("oas_x", "oas_x")]
    [InlineData("oas_x\r\nmore\n", "oas_x")]
    [InlineData("\uFEFFoas_x\n", "oas_x")]
    public async Task First_line_of_the_input_is_the_secret(string input, string secret)
    {
        using var reader = new StringReader(input);
        Assert.Equal(secret, await ApiSecret.ReadAsync("-", reader, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\noas_x")]
    public async Task Input_without_a_secret_is_refused(string input)
    {
        using var reader = new StringReader(input);
        await Assert.ThrowsAsync<StartupException>(() =>
            ApiSecret.ReadAsync("-", reader, TestContext.Current.CancellationToken));
    }
}
