using System.Text;

namespace OrdersActors.Tests.Abstractions.Events;

public sealed class OrderEventRulesTests
{
    private const string Emoji = "😀";

    private static readonly OrderStatusEvent Event = new() { OrderId = "o-1", Status = "paid", Id = "e-1" };

    [Fact]
    public void Lengths_count_unicode_scalar_values()
    {
        var longest = Event with { OrderId = Emojis(128), Status = Emojis(64), Id = Emojis(128) };
        Assert.Same(longest, OrderEventRules.Normalize(Emojis(64), longest));
        Assert.True(OrderEventRules.IsOrderId(Emojis(128)));
        Assert.False(OrderEventRules.IsOrderId(Emojis(129)));
        AssertRefused("organization_id", Event, Emojis(65));
        AssertRefused("order_id", Event with { OrderId = Emojis(129) });
        AssertRefused("status", Event with { Status = Emojis(65) });
        AssertRefused("id", Event with { Id = Emojis(129) });
        var e = AssertRefused("status", Event with { Status = Emojis(65) });
        Assert.Equal("status must have at most 64 characters, has 65", e.Message);
    }

    // Not InlineData, because an attribute cannot hold half of a surrogate pair.
    public static TheoryData<string> BadTexts => ["", "a\nb", "a\u0085b", "\ud83d", "\udc00\ud83d"];

    [Theory]
    [MemberData(nameof(BadTexts), DisableDiscoveryEnumeration = true)]
    public void Text_that_is_empty_or_not_plain_is_refused(string text)
    {
        AssertRefused("organization_id", Event, text);
        AssertRefused("order_id", Event with { OrderId = text });
        AssertRefused("status", Event with { Status = text });
        AssertRefused("id", Event with { Id = text });
    }

    public static TheoryData<string> RawHalves =>
        ["{\"a\":\"\ud83d\"}", "{\"\udc00\":1}", "{\"a\":\"\ud83d\\ude00\"}"];

    [Theory]
    [InlineData("""{"a":"\udc00"}""")]
    [InlineData("""{"a":"\ud83d"}""")]
    [InlineData("""{"a":"\uD83Dx\uDE00"}""")]
    [InlineData("""{"a":"\ud83d\n\ude00"}""")]
    [InlineData("""{"a":"\ude00\ud83d"}""")]
    [InlineData("""{"a":"\ud83d\ud83d\ude00"}""")]
    [InlineData("""{"\ud83d":1}""")]
    [InlineData("""{"a":[{"b":"x\udfff"}]}""")]
    [MemberData(nameof(RawHalves), DisableDiscoveryEnumeration = true)]
    public void Half_of_a_surrogate_pair_in_details_is_refused(string details) =>
        Assert.Contains(
            "Unicode", AssertRefused("details", Event with { Details = details }).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"a":"\ud83d\ude00"}""")]
    [InlineData("""{"\uD83D\uDE00":"\\ud83d"}""")]
    [InlineData("{\"a\":\"😀\",\"b\":\"\\u0000\\\"\\\\\"}")]
    [InlineData("""{"n":1.0,"m":1e2,"k":-0,"n":2}""")]
    public void Details_keep_numbers_escapes_and_repeated_names(string details) =>
        Assert.Equal(details, OrderEventRules.Normalize("shop", Event with { Details = details }).Details);

    [Fact]
    public void Details_nest_at_most_sixty_levels_and_the_error_says_so()
    {
        Assert.NotNull(OrderEventRules.Normalize("shop", Event with { Details = Nested(60) }));
        var e = AssertRefused("details", Event with { Details = Nested(61) });
        Assert.Equal("details must nest at most 60 levels", e.Message);
        AssertRefused("details", Event with { Details = Nested(5000) });
    }

    [Theory]
    [InlineData("", "not valid JSON")]
    [InlineData("{", "not valid JSON")]
    [InlineData("{} {}", "not valid JSON")]
    [InlineData("{\"a\":1 2}", "not valid JSON")]
    [InlineData("{\"a\":1,}", "not valid JSON")]
    [InlineData("{/**/}", "not valid JSON")]
    [InlineData("{\"a\":\"x\ny\"}", "not valid JSON")]
    [InlineData("[]", "an array")]
    [InlineData("\"{}\"", "a string")]
    [InlineData("7", "a number")]
    [InlineData("null", "null")]
    [InlineData("true", "a boolean")]
    public void Details_that_are_not_an_object_are_refused(string details, string problem) =>
        Assert.Contains(
            problem, AssertRefused("details", Event with { Details = details }).Message, StringComparison.Ordinal);

    [Fact]
    public void Details_have_at_most_64_KiB_of_UTF_8()
    {
        string Details(int bytes) => "{\"éx\":\"" + new string('é', (bytes - 10) / 2) + "\"}";
        Assert.Equal(65536, Encoding.UTF8.GetByteCount(Details(65536)));
        Assert.NotNull(OrderEventRules.Normalize("shop", Event with { Details = Details(65536) }));
        AssertRefused("details", Event with { Details = Details(65538) });
        AssertRefused("details", Event with { Details = new string(' ', 1_000_000) });
    }

    [Fact]
    public void White_space_between_tokens_is_removed_and_nothing_else()
    {
        const string pretty = "\t{\r\n  \"a b\" : [ 1.0 , 1e2,\"x \\\" \\\\\" ], \"a b\": { }\n}\n ";
        var normal = OrderEventRules.Normalize("shop", Event with { Details = pretty });
        Assert.Equal("{\"a b\":[1.0,1e2,\"x \\\" \\\\\"],\"a b\":{}}", normal.Details);
        Assert.Same(normal, OrderEventRules.Normalize("shop", normal));
        Assert.True(OrderEventRules.IsSameDetails(pretty, normal.Details));
        Assert.False(OrderEventRules.IsSameDetails("{\"a\":1.0}", "{\"a\":1}"));
        Assert.False(OrderEventRules.IsSameDetails(null, "{}"));
        Assert.True(OrderEventRules.IsSameDetails(null, null));
    }

    [Fact]
    public void Batch_in_normal_form_is_returned_unchanged()
    {
        OrderStatusEvent[] events = [Event, Event with { Details = "{\"a b\":\"c d\"}" }];
        Assert.Same(events, OrderEventRules.NormalizeBatch("shop", events));
        OrderStatusEvent[] spaced = [Event, Event with { Details = "{ }" }];
        Assert.Equal([null, "{}"], OrderEventRules.NormalizeBatch("shop", spaced).Select(e => e.Details));
        Assert.Equal("{ }", spaced[1].Details);
    }

    [Fact]
    public void Bad_event_in_a_batch_is_named_by_its_index()
    {
        OrderStatusEvent[] events = [.. Enumerable.Repeat(Event, 17), Event with { Status = "" }];
        var e = Assert.Throws<InvalidOrderEventException>(() => OrderEventRules.NormalizeBatch("shop", events));
        Assert.Equal((17, "status", "event 17: status must not be empty"), (e.Index, e.Field, e.Message));
        e = Assert.Throws<InvalidOrderEventException>(
            () => OrderEventRules.NormalizeBatch("shop", [Event with { Id = "" }]));
        Assert.Equal((null, "id must not be empty"), (e.Index, e.Message));
        Assert.Throws<InvalidOrderEventException>(() => OrderEventRules.NormalizeBatch("shop", []));
        Assert.Throws<InvalidOrderEventException>(() =>
            OrderEventRules.NormalizeBatch("shop", [.. Enumerable.Repeat(Event, 1001)]));
    }

    [Theory]
    [InlineData("1969-12-31T23:59:59.999999Z")]
    [InlineData("1970-01-01T00:30:00+01:00")]
    public void Time_before_1970_is_refused(string time) =>
        AssertRefused("occurred_at", Event with { OccurredAt = OrderEventRules.ReadOccurredAt(time) });

    [Fact]
    public void Time_without_an_offset_is_refused_by_name() =>
        Assert.Equal("occurred_at", Assert.Throws<InvalidOrderEventException>(() =>
            OrderEventRules.ReadOccurredAt("2026-01-02T03:04:05")).Field);

    private static string Emojis(int count) => string.Concat(Enumerable.Repeat(Emoji, count));

    private static string Nested(int levels) =>
        string.Concat(Enumerable.Repeat("{\"a\":", levels - 1)) + "[]" + new string('}', levels - 1);

    private static InvalidOrderEventException AssertRefused(
        string field, OrderStatusEvent e, string organization = "shop")
    {
        var refused = Assert.Throws<InvalidOrderEventException>(() => OrderEventRules.Check(organization, e));
        Assert.Equal(field, refused.Field);
        Assert.StartsWith(field + " ", refused.Message, StringComparison.Ordinal);
        return refused;
    }
}
