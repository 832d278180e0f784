using Microsoft.AspNetCore.Http;
using OrdersActors.Http.Problems;
using OrdersActors.Http.Publishing;

namespace OrdersActors.Tests.Http.Publishing;

public sealed class BodyFormatTests
{
    private const string Other = "other";

    [Theory]
    [InlineData("application/json", "Json")]
    [InlineData("Application/JSON; charset=\"UTF-8\"", "Json")]
    [InlineData("application/x-www-form-urlencoded", "Json")]
    [InlineData("application/x-ndjson", "Lines")]
    [InlineData("application/jsonl;charset=utf-8", "Lines")]
    [InlineData("application/cloudevents+json", "CloudEvent")]
    [InlineData("application/cloudevents-batch+json; charset=utf-8", "CloudEventBatch")]
    [InlineData(null, Other)]
    [InlineData("", Other)]
    [InlineData("json", Other)]
    [InlineData("text/plain", Other)]
    [InlineData("application/vnd.shop+json", Other)]
    [InlineData("application/json; charset=utf-16", Other)]
    public void Content_type_selects_the_format(string? type, string expected) =>
        Assert.Equal(expected, Find(type, isBinary: false));

    [Theory]
    [InlineData("application/json", "BinaryCloudEvent")]
    [InlineData("application/vnd.shop+json", "BinaryCloudEvent")]
    [InlineData(null, "BinaryCloudEvent")]
    [InlineData("application/cloudevents+json", "CloudEvent")]
    [InlineData("application/x-ndjson", Other)]
    [InlineData("text/plain", Other)]
    public void Header_of_the_specification_makes_a_binary_CloudEvent(string? type, string expected) =>
        Assert.Equal(expected, Find(type, isBinary: true));

    [Fact]
    public void Compressed_body_is_refused()
    {
        var request = Request("application/json", isBinary: false);
        request.Headers.ContentEncoding = "gzip";
        Assert.Equal(415, Assert.Throws<ProblemException>(() => BodyFormats.Of(request)).Status);
    }

    private static string Find(string? type, bool isBinary)
    {
        try
        {
            return BodyFormats.Of(Request(type, isBinary)).ToString();
        }
        catch (ProblemException e) when (e.Status == 415)
        {
            return Other;
        }
    }

    private static HttpRequest Request(string? type, bool isBinary)
    {
        var request = new DefaultHttpContext().Request;
        request.ContentType = type;
        if (isBinary)
        {
            request.Headers["ce-specversion"] = "1.0";
        }

        return request;
    }
}
