// Publishes events through the HTTP API, like any other service.

const url = new URL("v1/events", document.baseURI);

/**
 * Publishes an event with `{ api_key, api_secret }` and returns its numbers. Throws an Error whose message can be shown
 * to the user. Its `status` is the HTTP status if there was an answer.
 */
export async function publish({ api_key: apiKey, api_secret: secret }, event) {
  let response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "Authorization": `Basic ${base64(`${apiKey}:${secret}`)}`, "Content-Type": "application/json" },
      body: JSON.stringify(event),
      signal: AbortSignal.timeout(15_000),
    });
  } catch {
    throw new Error("The server could not be reached, or did not answer in time.");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw Object.assign(
      new Error(answer.detail ?? `The server answered ${response.status}.`), { status: response.status });
  }
  return answer;
}

/** Returns the command that publishes an event from a terminal. */
export const curlOf = ({ api_key: apiKey, api_secret: secret }, event) =>
  `curl -u ${apiKey}:${secret} -d '${JSON.stringify(event)}' ${url}`;

const base64 = text => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
