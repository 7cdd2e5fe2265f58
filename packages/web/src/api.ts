/** What the page asks the server over HTTP, and the server's errors in words. */

export interface Invite {
  readonly domain: string;
  readonly house: string;
  readonly firstPerson: boolean;
}

export interface Joined {
  readonly seat: string;
  readonly name: string;
  readonly displayName: string;
  readonly aor: string;
}

export interface Me {
  readonly name: string;
  readonly displayName: string;
  readonly aor: string;
  readonly owner: boolean;
  readonly domain: string;
  /** Where SIP over WebSocket is: a whole address or a path on this host. */
  readonly sip: string;
}

export interface Person {
  readonly name: string;
  readonly displayName: string;
  readonly aor: string;
  readonly online: boolean;
  readonly you: boolean;
}

export interface NewInvite {
  readonly link: string;
  readonly qr: string;
  readonly expires: string | number;
}

/** A phone that registers with a password of its own. */
export interface Device {
  readonly id: string;
  readonly label: string;
  readonly deskPhone: boolean;
  readonly createdAt: number;
  /** Registered at the moment. */
  readonly here: boolean;
}

/** What to type into a new one; the password is not to be had again. */
export interface NewDevice {
  readonly device: Device;
  readonly server: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly domain: string;
  readonly aor: string;
  readonly qr: string;
}

/** `message` says what happened and why, `hint` what to do. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string;

  constructor(status: number, code: string, message: string, hint: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.hint = hint;
  }
}

export const readInvite = (code: string): Promise<Invite> =>
  ask("GET", `/api/invites/${encodeURIComponent(code)}`);

export const join = (invite: string, name: string): Promise<Joined> =>
  ask("POST", "/api/join", { invite, name });

/** Below, `seat` is the seat's path: `/@anna/`. */
export const readMe = (seat: string): Promise<Me> => ask("GET", `${seat}api/me`);

export const mintToken = (seat: string): Promise<{ readonly token: string }> =>
  ask("POST", `${seat}api/token`, {});

export interface IceServersTold {
  readonly iceServers: readonly RTCIceServer[];
  readonly expiresSeconds: number;
}

export const readIceServers = (seat: string): Promise<IceServersTold> =>
  ask("GET", `${seat}api/ice-servers`);

export const invite = (seat: string): Promise<NewInvite> => ask("POST", `${seat}api/invites`, {});

export const leave = (seat: string): Promise<void> => ask("POST", `${seat}api/leave`, {});

export const readDevices = (seat: string): Promise<{ readonly devices: readonly Device[] }> =>
  ask("GET", `${seat}api/devices`);

export const addDevice = (
  seat: string,
  wanted: { readonly label: string; readonly deskPhone: boolean },
): Promise<NewDevice> => ask("POST", `${seat}api/devices`, wanted);

export const revokeDevice = (seat: string, id: string): Promise<{ readonly left: number }> =>
  ask("POST", `${seat}api/devices/${encodeURIComponent(id)}/revoke`, {});

export const eventsAddress = (seat: string): string => `${seat}api/events`;

export async function ask<T>(
  method: "GET" | "POST" | "PUT",
  path: string,
  body?: object,
): Promise<T> {
  const response = await reach(method, path, body);
  const text = await response.text();
  const answer = parsed(text);
  if (!response.ok) throw refusal(response.status, answer);
  return answer as T;
}

async function reach(method: string, path: string, body?: object): Promise<Response> {
  const request: RequestInit = { method, credentials: "same-origin", cache: "no-store" };
  if (body !== undefined) {
    request.headers = { "Content-Type": "application/json" };
    request.body = JSON.stringify(body);
  }
  try {
    return await fetch(path, request);
  } catch {
    throw new ApiError(
      0,
      "UNREACHABLE",
      "The server does not answer.",
      "Check your network, or whether Carillon is still running, and try again.",
    );
  }
}

function parsed(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusal(status: number, answer: unknown): ApiError {
  const { error } = (answer ?? {}) as { error?: Partial<Record<string, string>> };
  return new ApiError(
    status,
    error?.["code"] ?? "UNEXPECTED",
    error?.["message"] ?? `The server answered something unexpected (${status}).`,
    error?.["hint"] ?? "Try again in a moment.",
  );
}
