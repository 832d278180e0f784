namespace OrdersActors.EndToEndTests.Board;

/// <summary>Measurements that only the browser can make.</summary>
internal static class PageScripts
{
    /// <summary>
    /// Visible texts whose contrast is below WCAG AA: 4.5, or 3 for large text. Disabled controls are exempt.
    /// </summary>
    public const string TextWithoutContrast = """
        () => {
          const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
          const rgba = color => {
            canvas.clearRect(0, 0, 1, 1);
            canvas.fillStyle = color;
            canvas.fillRect(0, 0, 1, 1);
            return [...canvas.getImageData(0, 0, 1, 1).data].map(part => part / 255);
          };
          const over = (top, below) =>
            top.slice(0, 3).map((part, i) => part * top[3] + below[i] * (1 - top[3])).concat(1);
          const groundOf = element => {
            const own = rgba(getComputedStyle(element).backgroundColor);
            return own[3] === 1 || element.parentElement === null ? own : over(own, groundOf(element.parentElement));
          };
          const luminance = color => color.slice(0, 3)
            .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
            .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
          const bad = [];
          let seen = 0;
          const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (texts.nextNode()) {
            const element = texts.currentNode.parentElement;
            if (texts.currentNode.data.trim() === "" || !element.checkVisibility({ visibilityProperty: true })
                || element.closest("[aria-disabled=true], :disabled, noscript, .unseen")) {
              continue;
            }
            seen++;
            const style = getComputedStyle(element);
            const ground = groundOf(element);
            const [light, dark] = [luminance(over(rgba(style.color), ground)), luminance(ground)].sort((a, b) => b - a);
            const size = parseFloat(style.fontSize);
            const isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
            const ratio = (light + 0.05) / (dark + 0.05);
            if (ratio < (isLarge ? 3 : 4.5)) {
              bad.push(`${ratio.toFixed(2)}: ${texts.currentNode.data.trim().slice(0, 40)}`);
            }
          }
          return seen > 10 ? bad : [`only ${seen} texts were found`];
        }
        """;

    /// <summary>Fields without a label, and buttons without a name.</summary>
    public const string FieldsWithoutLabel = """
        () => [
          ...[...document.querySelectorAll("input, textarea, select")].filter(field => field.labels.length === 0),
          ...[...document.querySelectorAll("button")].filter(button => button.textContent.trim() === ""),
        ].map(element => element.outerHTML)
        """;

    /// <summary>The focused element if it does not show its focus; empty if it does.</summary>
    public const string FocusWithoutOutline = """
        () => {
          const focused = document.activeElement;
          const shown = focused.matches("[type=radio]") ? focused.nextElementSibling : focused;
          return focused === document.body || getComputedStyle(shown).outlineStyle !== "none" ? "" : focused.outerHTML;
        }
        """;
}
