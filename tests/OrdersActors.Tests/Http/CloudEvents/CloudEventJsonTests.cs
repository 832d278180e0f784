using System.Text;
using System.Text.Json;
using OrdersActors.Http.CloudEvents;

namespace OrdersActors.Tests.Http.CloudEvents;

public sealed class CloudEventJsonTests
{
    [Theory]
    [InlineData("""{"status":"s"}""", null)]
    [InlineData("""{"a":1,"status":"s"}""", """{"a":1}""")]
    [InlineData("""{"status":"s","a":1}""", """{"a":1}""")]
    [InlineData(
        """{ "a" : 1.50 , "status" : "s" , "b" : {"status": [ ]} }""", """{"a" : 1.50,"b" : {"status": [ ]}}""")]
    [InlineData("""{"\u0073tatus":"s","a":"\u00e9"}""", """{"a":"\u00e9"}""")]
    public void Data_without_its_status_becomes_the_details_as_they_were_sent(string data, string? details)
    {
        var e = Read(data).Event;
        Assert.Equal(("s", details), (e.Status, e.Details));
    }

    [Fact]
    public void Extension_attributes_are_skipped_whatever_they_contain() =>
        Assert.Equal("o", Read("""{"status":"s"}""", "\"trace\":{\"id\":\"other\"},\"n\":7,").Event.OrderId);

    [Theory]
    [InlineData("""{"status":"s","status":"t"}""", "data.status")]
    [InlineData("""{"status":null}""", null)]
    [InlineData("""{"status":{}}""", "data.status")]
    [InlineData("null", "data")]
    public void Wrong_data_is_named(string data, string? field)
    {
        if (field is null)
        {
            Assert.Equal("", Read(data).Event.Status);
            return;
        }

        Assert.Equal(field, Assert.Throws<InvalidOrderEventException>(() => Read(data)).Field);
    }

    private static EventInput Read(string data, string more = "")
    {
        var json = Encoding.UTF8.GetBytes(
            $$"""{{{more}}"specversion":"1.0","id":"1","source":"/s","type":"t","subject":"o","data":{{data}}}""");
        var reader = new Utf8JsonReader(json, OrderStatusEventJson.ReaderOptions);
        reader.Read();
        return CloudEventJson.Read(ref reader, json);
    }
}
