using System.Text.Json;
using static Microsoft.Playwright.Assertions;

namespace OrdersActors.EndToEndTests.Board;

/// <summary>The colour and the sign of a status follow its meaning.</summary>
[Collection(BoardCollection.Name)]
public sealed class BoardStatusTests(ChromiumFixture chromium)
{
    [Fact]
    public async Task Status_has_the_tone_of_its_meaning_and_none_if_the_page_does_not_know_it()
    {
        (string Status, string Tone)[] expected =
        [
            ("created", "new"), ("paid", "moving"), ("packed", "moving"), ("Shipped", "moving"),
            ("OUT_FOR_DELIVERY", "moving"), ("delivered", "done"), (" Picked-up ", "done"), ("refunded", "back"),
            ("partially returned", "back"), ("cancelled", "bad"), ("canceled", "bad"), ("payment_failed", "bad"),
            ("cancelled and refunded", "bad"), ("unable to deliver", "bad"), ("not delivered", "plain"),
            ("partially delivered", "plain"), ("not cancelled", "plain"), ("constructor", "plain"),
            ("waiting for the moon", "plain"), ("geliefert", "plain"),
        ];
        await using var board = await chromium.OpenAsync();
        var tones = await board.Page.EvaluateAsync<string[]>(
            "async statuses => statuses.map((await import('/board/status.js')).toneOf)",
            expected.Select(pair => pair.Status).ToArray());
        Assert.Equal(expected, expected.Select((pair, i) => (pair.Status, tones[i])));
    }

    [Fact]
    public async Task Cancelled_is_red_and_delivered_is_green_and_unknown_is_grey_each_with_another_sign()
    {
        await using var board = await chromium.OpenAsync();
        await board.ConnectAsync();
        string[] statuses = ["cancelled", "delivered", "our own status"];
        var looks = new List<(int Red, int Green, int Blue, string Sign)>();
        foreach (var status in statuses)
        {
            await chromium.Server.PublishAsync("demo", $"look {status}", status);
            await Expect(board.StatusOf($"look {status}")).ToHaveTextAsync(status);
            var look = await board.StatusOf($"look {status}").EvaluateAsync<JsonElement>("""
                element => {
                  const canvas = document.createElement("canvas").getContext("2d");
                  canvas.fillStyle = getComputedStyle(element).backgroundColor;
                  canvas.fillRect(0, 0, 1, 1);
                  const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
                  return { red, green, blue, sign: getComputedStyle(element, "::before").content };
                }
                """);
            looks.Add((
                look.GetProperty("red").GetInt32(), look.GetProperty("green").GetInt32(),
                look.GetProperty("blue").GetInt32(), look.GetProperty("sign").GetString()!));
        }

        Assert.True(looks[0].Red > looks[0].Green + 10, $"{looks[0]} is not red");
        Assert.True(looks[1].Green > looks[1].Red + 10, $"{looks[1]} is not green");
        Assert.InRange(looks[2].Red - looks[2].Green, -3, 3);
        Assert.InRange(looks[2].Blue - looks[2].Green, -3, 3);
        Assert.Equal(3, looks.Select(look => look.Sign).Distinct().Count());
    }
}
