namespace OrdersActors.EndToEndTests.Board;

/// <summary>
/// Checks of a view for people who use a keyboard, a finger or a screen reader. Each script returns what it finds
/// wrong, as text. They need no download; the rules of axe that they follow are in brackets.
/// </summary>
internal static class PageAudit
{
    /// <summary>Ends animations, so that colours are the final ones.</summary>
    public const string EndAnimations = """
        () => document.getAnimations().forEach(animation =>
          animation.effect.getComputedTiming().endTime === Infinity ? animation.cancel() : animation.finish())
        """;

    /// <summary>
    /// Controls smaller than 24 px, or 44 px on a narrow screen, in height or width (target-size). The target of a
    /// checkbox or a radio button is its label.
    /// </summary>
    public const string SmallTargets = """
        () => {
          const least = innerWidth <= 640 ? 44 : 24;
          const controls = [...document.querySelectorAll("a[href], button, summary, input, select, textarea")]
            .filter(control => control.checkVisibility({ visibilityProperty: true }) && !control.matches(".skip"));
          const small = controls.map(control => {
            const target = control.matches("[type=radio], [type=checkbox]") ? control.closest("label") : control;
            const { width, height } = target.getBoundingClientRect();
            return { width, height, text: `${target.tagName} ${target.id} ${target.textContent.trim().slice(0, 30)}` };
          }).filter(({ width, height }) => Math.min(width, height) < least - 0.5);
          return controls.length < 2 ? ["no controls were found"]
            : small.map(({ width, height, text }) => `${Math.round(width)} x ${Math.round(height)}: ${text}`);
        }
        """;

    /// <summary>Scrollable areas that the keyboard cannot reach (scrollable-region-focusable).</summary>
    public const string UnreachableScrollAreas = """
        () => [...document.body.querySelectorAll("*")]
          .filter(area => area.checkVisibility({ visibilityProperty: true }))
          .filter(area => !area.matches("input, textarea, select"))
          .filter(area => ["auto", "scroll"].includes(getComputedStyle(area).overflowY)
            && area.scrollHeight > area.clientHeight + 1)
          .filter(area => area.tabIndex < 0 && area.querySelector("button, a[href], input, [tabindex='0']") === null)
          .map(area => area.outerHTML.slice(0, 100))
        """;

    /// <summary>
    /// Controls without a name (button-name, label, select-name, link-name, summary-name); names on elements that may
    /// not have one (aria-allowed-attr); ids that are used twice; references to no element (aria-valid-attr-value);
    /// lists with other children than items (list, dlitem).
    /// </summary>
    public const string WrongNames = """
        () => {
          const all = selector => [...document.querySelectorAll(selector)];
          const nameOf = element => element.ariaLabel || element.textContent.trim()
            || [...element.labels ?? []].map(label => label.textContent.trim()).join("");
          const ids = all("[id]").map(element => element.id);
          const bad = [
            ...all("button, a[href], summary, input, select, textarea").filter(control => nameOf(control) === ""),
            ...all("[aria-label]:is(div, span, p, pre, code):not([role])"),
            ...all("ul > :not(li), ol > :not(li), dl > :not(div, dt, dd), dl > div > :not(dt, dd)"),
            ...all("li").filter(item => !item.parentElement.matches("ul, ol")),
            ...all("img:not([alt])"),
            ...all("[aria-labelledby], [aria-describedby]").filter(element =>
              [element.getAttribute("aria-labelledby"), element.getAttribute("aria-describedby")]
                .filter(id => id !== null).some(id => document.getElementById(id) === null)),
          ].map(element => element.outerHTML.slice(0, 100));
          return [...bad, ...ids.filter((id, index) => ids.indexOf(id) !== index).map(id => `twice: ${id}`)];
        }
        """;
}
