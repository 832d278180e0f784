/** The permissions of a token. */
export interface Claims {
  readonly orders?: readonly string[];
  readonly scope?: string;
  readonly exp: number;
}

/** Writes claims as a token. Its signature is not checked here. */
export function createToken(claims: Claims): string {
  return `${encode({ alg: "HS256" })}.${encode(claims)}.fake`;
}

/** Reads a token; undefined if it is none. */
export function readToken(token: string): Claims | undefined {
  try {
    const part = token.split(".")[1]!.replace(/-/g, "+").replace(/_/g, "/");
    const claims = JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(part), c => c.charCodeAt(0))));
    return typeof claims?.exp === "number" ? claims : undefined;
  } catch {
    // Not base64url or not JSON: not a token.
    return undefined;
  }
}

function encode(value: unknown): string {
  const text = btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(value))));
  return text.replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}
