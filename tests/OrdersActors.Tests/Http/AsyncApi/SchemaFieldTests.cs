using System.Text.Json;
using OrdersActors.Http.AsyncApi;

namespace OrdersActors.Tests.Http.AsyncApi;

public sealed class SchemaFieldTests
{
    [Theory]
    [InlineData("""{"type":"string"}""", "string")]
    [InlineData("""{"type":"string","minLength":1}""", "string, at least 1 character")]
    [InlineData("""{"type":["string","null"],"maxLength":32768}""", "string or null, at most 32,768 characters")]
    [InlineData("""{"type":"integer","minimum":0,"maximum":100}""", "integer, 0 to 100")]
    [InlineData("""{"type":"array","minItems":2,"items":{"type":"string"}}""", "array, at least 2 elements")]
    [InlineData("""{"type":"string","const":"ping"}""", "\"ping\"")]
    [InlineData("""{"enum":["order","organization"]}""", "\"order\" or \"organization\"")]
    [InlineData("""{"anyOf":[{"type":"integer"},{"type":"null"}]}""", "integer or null")]
    public void Type_is_described_with_its_limits(string schema, string expected) =>
        Assert.Equal(expected, Assert.Single(Fields($"{{\"properties\":{{\"a\":{schema}}}}}")).Type);

    [Fact]
    public void Fields_of_objects_and_arrays_follow_their_parent()
    {
        var fields = Fields("""
            {"required":["a"],"properties":{
              "a":{"type":"object","description":"A.","required":["c"],
                "properties":{"b":{"$ref":"#/b"},"c":{"type":"boolean"}}},
              "d":{"type":"array","items":{"type":"object","properties":{"e":{"type":"string"}}}}},
             "b":{"type":"integer","description":"B."}}
            """);
        Assert.Equal(["a", "a.b", "a.c", "d", "d[].e"], fields.Select(field => field.Path));
        Assert.Equal([true, false, true, false, false], fields.Select(field => field.IsRequired));
        Assert.Equal(["A.", "B.", "", "", ""], fields.Select(field => field.Meaning));
    }

    private static SchemaField[] Fields(string document)
    {
        using var json = JsonDocument.Parse(document);
        return [.. SchemaField.Of(json.RootElement, json.RootElement)];
    }
}
