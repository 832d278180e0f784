namespace OrdersActors.EndToEndTests.Board;

/// <summary>What the page tells screen readers about changes.</summary>
[Collection(BoardCollection.Name)]
public sealed class BoardAnnouncerTests(ChromiumFixture chromium)
{
    // An announcer with a clock that only `look` advances. `look` runs the timer that is due, and notes the text that
    // was announced last.
    private const string ScriptedClock = """
        const announce = async script => {
          const { Announcer } = await import("/board/announcer.js");
          const region = document.createElement("p");
          const state = { isReplaying: true };
          let due;
          let time = 0;
          const [setTimer, now] = [globalThis.setTimeout, Date.now];
          const said = [];
          try {
            globalThis.setTimeout = callback => (due = callback, 1);
            Date.now = () => time;
            const announcer = new Announcer(region, () => state.isReplaying);
            const change = id => announcer.noteChange({ id, entries: [{ status: "paid" }] });
            const look = later => { time += later; due(); said.push(region.textContent); };
            script({ announcer, state, change, look });
          } finally {
            Object.assign(globalThis, { setTimeout: setTimer });
            Date.now = now;
          }
          return { said };
        };
        """;

    [Fact]
    public async Task Announcement_waits_for_the_end_of_a_replay_and_has_a_time_limit()
    {
        var result = await chromium.RunAsync(ScriptedClock + """
            () => announce(({ announcer, state, change, look }) => {
              announcer.expectReplay(true);
              change("o-1");
              look(4_000);
              announcer.expectReplay(true);
              change("o-2");
              look(4_000);
              state.isReplaying = false;
              look(4_000);
              state.isReplaying = true;
              announcer.expectReplay(true);
              change("o-3");
              look(29_000);
              look(1_000);
            })
            """);
        const string Both = "2 events since you were away. 2 orders changed";
        Assert.Equal(
            ["", "", Both, Both, "1 event since you were away. Order o-3: paid"], result.Read<string[]>("said"));
    }

    [Fact]
    public async Task Subscriptions_that_return_one_after_the_other_are_announced_together()
    {
        var result = await chromium.RunAsync(ScriptedClock + """
            () => announce(({ announcer, state, change, look }) => {
              change("before the connection loss");
              announcer.forget();
              // The first one was not confirmed before the loss, so it does not know that it returns.
              announcer.expectReplay(false);
              change("o-1");
              announcer.expectReplay(true);
              change("o-2");
              state.isReplaying = false;
              look(4_000);
            })
            """);
        Assert.Equal(["2 events since you were away. 2 orders changed"], result.Read<string[]>("said"));
    }
}
