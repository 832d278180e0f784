using OrdersActors.Http;

namespace OrdersActors.Tests.Http;

public sealed class HttpOptionsCheckTests
{
    [Fact]
    public void Memory_for_bodies_must_be_enough_for_the_largest_body()
    {
        var check = new HttpOptionsCheck();
        Assert.True(check.Validate(null, new HttpOptions()).Succeeded);
        var result = check.Validate(null, new HttpOptions { MaxBodyBytes = 64 * 1024 * 1024 });
        Assert.Contains("OrdersActors:Http:MaxBufferedBytes", result.FailureMessage, StringComparison.Ordinal);
    }
}
