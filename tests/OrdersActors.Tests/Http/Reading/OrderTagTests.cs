using Microsoft.AspNetCore.Http;
using OrdersActors.Http.Reading;

namespace OrdersActors.Tests.Http.Reading;

public sealed class OrderTagTests
{
    private static readonly EncodedOrderEvent Newest = new("o", 7, 9, [], "e1");

    [Fact]
    public void Tag_consists_of_epoch_and_version()
    {
        Assert.Equal("\"e1-7\"", OrderTag.Of(Newest).ToString());
        Assert.Equal("\"7\"", OrderTag.Of(Newest with { Epoch = null }).ToString());
    }

    [Theory]
    [InlineData("\"e1-7\"", true)]
    [InlineData("W/\"e1-7\"", true)]
    [InlineData("\"x\", \"e1-7\"", true)]
    [InlineData("*", true)]
    [InlineData("\"e2-7\"", false)]
    [InlineData("\"e1-6\"", false)]
    [InlineData("e1-7", false)]
    [InlineData("", false)]
    public void Known_tag_is_recognized(string header, bool isKnown)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.IfNoneMatch = header;
        Assert.Equal(isKnown, OrderTag.IsKnown(context.Request, OrderTag.Of(Newest)));
    }
}
