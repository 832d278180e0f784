// Publishes events through the HTTP API, like any other service.

const url = new URL("v1/events", document.baseURI);
// The time for all attempts, and the pause between two of them, ms.
const TIMEOUT = 15_000;
const PAUSE = 500;
const ATTEMPTS = 3;

/**
 * Publishes an event with `{ api_key, api_secret }` and returns its numbers. Throws an Error whose message can be shown
 * to the user. Its `status` is the HTTP status if there was an answer. An event that has an id is sent again if there
 * was none, because the server stores it once: a browser ends all requests when the computer changes its network.
 */
export async function publish({ api_key: apiKey, api_secret: secret }, event) {
  const response = await post({
    method: "POST",
    headers: { "Authorization": `Basic ${base64(`${apiKey}:${secret}`)}`, "Content-Type": "application/json" },
    body: JSON.stringify(event),
    signal: AbortSignal.timeout(TIMEOUT),
  }, event.id === undefined ? 1 : ATTEMPTS);
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw Object.assign(
      new Error(answer.detail ?? `The server answered ${response.status}.`), { status: response.status });
  }
  return answer;
}

async function post(request, attempts) {
  for (let left = attempts - 1; ; left--) {
    try {
      return await fetch(url, request);
    } catch {
      if (left === 0 || request.signal.aborted) {
        throw new Error("The server could not be reached, or did not answer in time.");
      }
    }
    await new Promise(resolve => setTimeout(resolve, PAUSE));
  }
}

/** Returns the command that publishes an event from a terminal. */
export const curlOf = ({ api_key: apiKey, api_secret: secret }, event) =>
  `curl -u ${apiKey}:${secret} -d '${JSON.stringify(event)}' ${url}`;

const base64 = text => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
