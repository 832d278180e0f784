using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OrdersActors.Http.Problems;
using OrdersActors.Http.Reading;

namespace OrdersActors.Tests.Http.Reading;

public sealed class OrderPathTests
{
    [Theory]
    [InlineData("/v1/orders/o-1", "o-1")]
    [InlineData("/v1/orders/o-1/events?after=1", "o-1")]
    [InlineData("/V1/Orders/a%2Fb/events", "a/b")]
    [InlineData("/v1/orders/a%252Fb", "a%2Fb")]
    [InlineData("/v1/orders/a+b%20c", "a+b c")]
    [InlineData("/v1/orders/%F0%9F%98%80", "😀")]
    [InlineData("http://host:80/v1/orders/x?y=/", "x")]
    public void Order_id_is_the_decoded_segment(string target, string id) => Assert.Equal(id, Read(target));

    [Fact]
    public void Longest_order_id_is_accepted_in_any_encoding() =>
        Assert.Equal(
            string.Concat(Enumerable.Repeat("😀", OrderEventRules.MaxOrderIdLength)),
            Read("/v1/orders/" + string.Concat(Enumerable.Repeat("%F0%9F%98%80", OrderEventRules.MaxOrderIdLength))));

    [Theory]
    [InlineData("/v1/orders/%FF")]
    [InlineData("/v1/orders/%ED%A0%80")]
    [InlineData("/v1/orders/%4")]
    [InlineData("/v1/orders/%zz")]
    [InlineData("/v1/orders/%0A")]
    [InlineData("/v1/orders/")]
    [InlineData("/v1/orders")]
    [InlineData("http://host")]
    [InlineData("")]
    public void Segment_that_is_no_order_id_is_refused_by_name(string target)
    {
        var problem = Assert.Throws<ProblemException>(() => Read(target));
        Assert.Equal((400, "order_id"), (problem.Status, problem.Field));
    }

    [Fact]
    public void Too_long_order_id_is_refused() =>
        Assert.Throws<ProblemException>(() => Read("/v1/orders/" + new string('x', 129)));

    private static string Read(string target)
    {
        var context = new DefaultHttpContext();
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = target;
        return OrderPath.OrderIdOf(context);
    }
}
