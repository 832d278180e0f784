using OrdersActors.Storage.ApiKeys;

namespace OrdersActors.Tests.Storage.ApiKeys;

public sealed class ApiKeyTextTests
{
    [Fact]
    public void Log_shows_only_the_beginning_of_a_key()
    {
        var key = ApiKeyGenerator.NewKey();
        Assert.Equal($"{key[..8]}…", ApiKeyText.Shorten(key));
        Assert.Equal("demo-key", ApiKeyText.Shorten("demo-key"));
    }
}
