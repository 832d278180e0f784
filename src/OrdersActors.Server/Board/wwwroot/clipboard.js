// Copies texts to the clipboard.

/**
 * Copies a text and shows the success on the button. If the browser does not allow it, selects the element `fallback`.
 * `say` announces the result.
 */
export async function copy(text, { button, fallback, say }) {
  try {
    await navigator.clipboard.writeText(text);
    say("Copied");
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2_000);
  } catch {
    // The clipboard needs https and permission. Without it, the text is selected so that the user can copy it.
    getSelection().selectAllChildren(fallback);
    say("The text is selected. Copy it with the keyboard.");
  }
}
