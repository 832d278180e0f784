using System.Text;
using Microsoft.AspNetCore.Http;
using OrdersActors.Http.Problems;
using OrdersActors.Http.Publishing;

namespace OrdersActors.Tests.Http.Publishing;

public sealed class EventBodyTests
{
    private const string One = """{"order_id":"o","status":"s"}""";

    private const string Cloud =
        """{"specversion":"1.0","id":"1","source":"/s","type":"t","subject":"o","data":{"status":"s"}}""";

    [Fact]
    public void Object_is_one_event_and_an_array_is_a_list()
    {
        Assert.False(Read(" \n" + One).IsList);
        var list = Read($" [{One},{One}] ");
        Assert.True(list.IsList);
        Assert.Equal(2, list.Inputs.Count);
        Assert.True(Read($"[{One}]").IsList);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData(" \r\n", "empty")]
    [InlineData("null", "must be a JSON object")]
    [InlineData("\"x\"", "must be a JSON object")]
    [InlineData("{", "is not valid JSON")]
    [InlineData(One + One, "is not valid JSON")]
    [InlineData("{\0", "UTF-16")]
    public void Body_that_is_not_an_event_is_described_without_an_index(string body, string detail)
    {
        var e = Assert.Throws<ProblemException>(() => Read(body));
        Assert.Equal((400, "invalid_event", null), (e.Status, e.Code, e.Index));
        Assert.Contains(detail, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("[]")]
    [InlineData("""{"order_id":7}""")]
    [InlineData("""{"order_id":"o" x}""")]
    public void Wrong_item_of_an_array_is_named_with_its_index(string item)
    {
        var e = Assert.Throws<ProblemException>(() => Read($"[{One},{item}]"));
        Assert.Equal((400, 1L), (e.Status, e.Index));
    }

    [Fact]
    public void Array_has_at_least_one_event_and_at_most_the_limit()
    {
        Assert.Equal(400, Assert.Throws<ProblemException>(() => Read("[]")).Status);
        Assert.Equal(3, Read($"[{One},{One},{One}]").Inputs.Count);
        // The events after the limit are not read.
        Assert.Equal(413, Assert.Throws<ProblemException>(() => Read($"[{One},{One},{One},{One},x")).Status);
    }

    [Fact]
    public void Array_as_deep_as_it_is_long_is_refused()
    {
        var e = Assert.Throws<ProblemException>(() => Read(new string('[', 100_000)));
        Assert.Equal((400, 0L), (e.Status, e.Index));
    }

    [Fact]
    public void CloudEvents_are_read_alone_and_in_a_batch()
    {
        Assert.Equal("o", EventBody.ReadCloudEvent(Bytes(Cloud)).Inputs[0].Event.OrderId);
        Assert.Equal(2, EventBody.ReadCloudEvents(Bytes($"[{Cloud},{Cloud}]"), 3).Inputs.Count);
        Assert.Throws<ProblemException>(() => EventBody.ReadCloudEvents(Bytes(Cloud), 3));
        var wrong = Cloud.Replace("\"/s\"", "7", StringComparison.Ordinal);
        var e = Assert.Throws<ProblemException>(() => EventBody.ReadCloudEvents(Bytes($"[{Cloud},{wrong}]"), 3));
        Assert.Equal(("source", 1L), (e.Field, e.Index));
    }

    [Fact]
    public void Headers_make_a_CloudEvent_of_the_body()
    {
        var headers = new HeaderDictionary
        {
            ["ce-specversion"] = "1.0",
            ["ce-id"] = "\"a\\\"b%20c\"",
            ["ce-source"] = "/s",
            ["ce-type"] = "t",
            ["ce-subject"] = "o%E2%82%AC",
        };
        var input = EventBody.ReadBinaryCloudEvent(headers, """{"a": 1, "status":"s"}"""u8).Inputs[0].Event;
        Assert.Equal(("a\"b c", "o€", "s", """{"a": 1}"""), (input.Id, input.OrderId, input.Status, input.Details));
        headers["ce-id"] = new(["1", "2"]);
        var e = Assert.Throws<ProblemException>(() => EventBody.ReadBinaryCloudEvent(headers, "{}"u8));
        Assert.Equal("ce-id", e.Field);
    }

    private static EventsOfRequest Read(string json) => EventBody.Read(Bytes(json), maxEvents: 3);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
