using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace OrdersActors.EndToEndTests.Board;

/// <summary>The details of an event are a list of names and values.</summary>
[Collection(BoardCollection.Name)]
public sealed class BoardDetailsTests(ChromiumFixture chromium)
{
    [Fact]
    public async Task Nested_details_are_listed_with_names_and_exact_values()
    {
        await using var board = await chromium.OpenAsync();
        await board.ConnectAsync();
        await chromium.Server.PublishAsync("demo", "nested-1", "created", """
            {"total":31.40,"id":12345678901234567890,"gift":false,"note":null,"text":"","tags":["a","b"],"none":[],
            "items":[{"name":"Espresso","quantity":1e2},{"name":"Filters"}],"empty":{}}
            """);

        var card = board.Card("nested-1");
        await Expect(board.DetailNamesOf("nested-1")).ToHaveTextAsync([
            "total", "id", "gift", "note", "text", "tags", "none", "items", "name", "quantity", "name", "empty",
        ]);
        await Expect(card.Locator("dd :is(code, em, span)")).ToHaveTextAsync([
            "31.40", "12345678901234567890", "false", "null", "empty text", "a", "b", "empty list", "Espresso", "1e2",
            "Filters", "no values",
        ]);
        await Expect(card.Locator("dd dd")).ToHaveCountAsync(3);
    }

    [Fact]
    public async Task Many_values_are_shown_on_request_and_scroll_with_the_keyboard()
    {
        await using var board = await chromium.OpenAsync();
        await board.ConnectAsync();
        var numbers = string.Join(',', Enumerable.Range(1, 250).Select(number => $"\"value {number}\""));
        await chromium.Server.PublishAsync("demo", "many-1", "created", $$"""{"numbers":[{{numbers}}]}""");

        var values = board.Card("many-1").GetByRole(AriaRole.Group, new() { Name = "Details of version 1" });
        await Expect(values.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(99);
        await board.Card("many-1").GetByRole(AriaRole.Button, new() { Name = "Show all values" }).ClickAsync();
        await Expect(values.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(250);
        await Expect(values).ToBeFocusedAsync();
        await board.Page.Keyboard.PressAsync("End");
        await Expect(values.GetByText("value 250", new() { Exact = true })).ToBeInViewportAsync();
    }
}
