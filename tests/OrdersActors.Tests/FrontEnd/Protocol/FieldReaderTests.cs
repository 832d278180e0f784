using System.Text.Json;
using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.Tests.FrontEnd.Protocol;

public sealed class FieldReaderTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("""{"x":null}""")]
    [InlineData("null")]
    public void Absent_or_null_field_is_not_given(string json)
    {
        var fields = new FieldReader(JsonElement.Parse(json));
        Assert.Null(fields.ReadString("x"));
        Assert.Null(fields.ReadInteger("x", 0, 10));
        Assert.Null(fields.Problem);
    }

    [Fact]
    public void Empty_string_is_not_given()
    {
        var fields = new FieldReader(JsonElement.Parse("""{"x":"","order_id":""}"""));
        Assert.Null(fields.ReadString("x"));
        Assert.Null(fields.ReadOrderId());
        Assert.Null(fields.Problem);
    }

    [Theory]
    [InlineData("1", "a number")]
    [InlineData("true", "a boolean")]
    [InlineData("[]", "an array")]
    [InlineData("{}", "an object")]
    public void String_of_another_type_is_a_problem_that_names_the_field(string value, string type)
    {
        var fields = new FieldReader(JsonElement.Parse($$"""{"x":{{value}}}"""), "orders[3].");
        Assert.Null(fields.ReadString("x"));
        Assert.Equal($"orders[3].x must be a string, not {type}", fields.Problem);
    }

    [Theory]
    [InlineData("5", 5L)]
    [InlineData("0", 0L)]
    [InlineData("10", 10L)]
    public void Integer_within_its_bounds_is_read(string value, long expected)
    {
        var fields = new FieldReader(JsonElement.Parse($$"""{"x":{{value}}}"""));
        Assert.Equal(expected, fields.ReadInteger("x", 0, 10));
        Assert.Null(fields.Problem);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("11")]
    [InlineData("5.0")]
    [InlineData("1e1")]
    [InlineData("99999999999999999999")]
    public void Other_number_is_a_problem_that_names_the_bounds(string value)
    {
        var fields = new FieldReader(JsonElement.Parse($$"""{"x":{{value}}}"""));
        Assert.Null(fields.ReadInteger("x", 0, 10));
        Assert.Equal("x must be an integer from 0 to 10", fields.Problem);
    }

    [Fact]
    public void First_problem_is_kept()
    {
        var fields = new FieldReader(JsonElement.Parse("""{"x":1,"y":"2"}"""));
        fields.ReadString("x");
        fields.ReadInteger("y", 0, long.MaxValue);
        Assert.Equal("x must be a string, not a number", fields.Problem);
    }
}
