namespace OrdersActors.Tests.Abstractions.Events;

public sealed class DetailsJsonTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("{\"a\":1.0,\"a\":1e3}")]
    [InlineData("{\"a b\":\"c \\\" d\\\\\"}")]
    [InlineData("{\"a\":\"\\ud83d\\ude00\"}")]
    public void Compact_object_is_valid_and_stays_the_same_string(string details)
    {
        Assert.Null(DetailsJson.Problem(details));
        Assert.Same(details, DetailsJson.Compact(details));
    }

    [Theory]
    [InlineData(" { \"a\" : [ 1 ,\t2 ] ,\r\n\"b\":\" x \" } ", "{\"a\":[1,2],\"b\":\" x \"}")]
    [InlineData("{\"a\": \"\\\" \\\\\" , \"b\":1}", "{\"a\":\"\\\" \\\\\",\"b\":1}")]
    public void White_space_between_tokens_is_removed_and_strings_keep_theirs(string details, string compact) =>
        Assert.Equal(compact, DetailsJson.Compact(details));

    [Theory]
    [InlineData("7", "must be a JSON object, is a number")]
    [InlineData("[]", "must be a JSON object, is an array")]
    [InlineData("\"x\"", "must be a JSON object, is a string")]
    [InlineData("null", "must be a JSON object, is null")]
    [InlineData("true", "must be a JSON object, is a boolean")]
    [InlineData("", "must be a JSON object, is not valid JSON")]
    [InlineData("{", "must be a JSON object, is not valid JSON")]
    [InlineData("7 7", "must be a JSON object, is not valid JSON")]
    [InlineData("{\"a\":\"\\ud83d\"}", "must be valid Unicode, has half of a surrogate pair")]
    [InlineData("{\"a\":\"\\ude00\\ud83d\"}", "must be valid Unicode, has half of a surrogate pair")]
    public void Problem_names_the_broken_rule(string details, string problem) =>
        Assert.Equal(problem, DetailsJson.Problem(details));

    [Fact]
    public void Unescaped_half_of_a_surrogate_pair_is_refused() =>
        Assert.Equal(
            "must be valid Unicode, has half of a surrogate pair", DetailsJson.Problem("{\"a\":\"" + '\ud83d' + "\"}"));

    [Fact]
    public void Length_and_depth_are_bounded()
    {
        // The object itself takes eight bytes.
        Assert.Null(DetailsJson.Problem($"{{\"a\":\"{new string('x', OrderEventRules.MaxDetailsBytes - 8)}\"}}"));
        Assert.StartsWith(
            "must have at most",
            DetailsJson.Problem($"{{\"a\":\"{new string('x', OrderEventRules.MaxDetailsBytes - 7)}\"}}"),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "must have at most",
            DetailsJson.Problem($"{{\"a\":\"{new string('é', OrderEventRules.MaxDetailsBytes / 2)}\"}}"),
            StringComparison.Ordinal);
        Assert.Null(DetailsJson.Problem(Nested(OrderEventRules.MaxDetailsDepth)));
        Assert.StartsWith(
            "must nest at most", DetailsJson.Problem(Nested(OrderEventRules.MaxDetailsDepth + 1)),
            StringComparison.Ordinal);
    }

    private static string Nested(int levels) =>
        string.Concat(Enumerable.Repeat("{\"a\":", levels - 1)) + "{}" + new string('}', levels - 1);
}
