using Microsoft.AspNetCore.Http;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.Http.Problems;
using OrdersActors.Http.Streams;

namespace OrdersActors.Tests.Http.Streams;

public sealed class StreamQueryTests
{
    [Fact]
    public void Query_and_header_say_where_the_stream_begins()
    {
        Assert.Equal(new ResumePoint(null, null), Read(""));
        Assert.Equal(new ResumePoint(3, null, "e"), Read("?after=3&epoch=e"));
        Assert.Equal(new ResumePoint(null, 5), Read("?last=5"));
        Assert.Equal(new ResumePoint(4, null, "e:x"), Read("?last_event_id=e%3Ax%3A4"));
        Assert.Equal(new ResumePoint(9, null, "e"), Read("?after=3", "e:9"));
        Assert.Equal(new ResumePoint(9, null), Read("?last=1", "9"));
    }

    [Theory]
    [InlineData("?last=101", null, "last")]
    [InlineData("?after=1&last=1", null, "last")]
    [InlineData("?last_event_id=e:1&after=1", null, "last_event_id")]
    [InlineData("?last_event_id=e", null, "last_event_id")]
    [InlineData("?last_event_id=e:-1", null, "last_event_id")]
    [InlineData("?limit=1", null, "limit")]
    [InlineData("", "e:x", "Last-Event-ID")]
    public void Wrong_parameter_is_named(string query, string? header, string field)
    {
        var problem = Assert.Throws<ProblemException>(() => Read(query, header));
        Assert.Equal((400, field), (problem.Status, problem.Field));
    }

    private static ResumePoint Read(string query, string? lastEventId = null)
    {
        var context = new DefaultHttpContext();
        context.Request.QueryString = new QueryString(query);
        context.Request.Headers["Last-Event-ID"] = lastEventId;
        return StreamQuery.Read(context.Request);
    }
}
