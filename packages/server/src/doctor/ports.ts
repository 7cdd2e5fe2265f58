/** Whether each port answers where a server runs, and is to be had where none does. */
import { createSocket } from "node:dgram";
import { connect, createServer, isIPv6 } from "node:net";
import { askStun } from "../addresses/stun-question.ts";
import { type Finding, fine, note, wrong } from "./finding.ts";
import { outsideAddresses, type Patient } from "./patient.ts";

const CHECK = "ports";
const WAIT_MS = 3000;

interface Door {
  readonly what: string;
  readonly protocol: "UDP" | "TCP";
  readonly port: number;
  readonly flag: string;
}

function doorsOf({ ports: { sip, tls, http, https, turn, msrp } }: Patient): readonly Door[] {
  const doors: (Omit<Door, "port"> & { readonly port: number | undefined })[] = [
    { what: "SIP", protocol: "UDP", port: sip, flag: "--sip-port" },
    { what: "SIP", protocol: "TCP", port: sip, flag: "--sip-port" },
    { what: "SIP over TLS", protocol: "TCP", port: tls, flag: "--tls-port" },
    { what: "the page", protocol: "TCP", port: http, flag: "--port" },
    { what: "the page over https", protocol: "TCP", port: https, flag: "--https-port" },
    { what: "files", protocol: "TCP", port: msrp, flag: "--msrp-port" },
    { what: "STUN and TURN", protocol: "UDP", port: turn, flag: "--turn-port" },
  ];
  return doors.flatMap(({ port, ...door }) => (port === undefined ? [] : [{ ...door, port }]));
}

export async function examinePorts(patient: Patient): Promise<readonly Finding[]> {
  const doors = doorsOf(patient);
  const host = outsideAddresses(patient)[0] ?? patient.addresses[0] ?? "127.0.0.1";
  const found = await Promise.all(
    doors.map((door) => (patient.isRunning ? knock(door, host) : tryToBind(door, host))),
  );
  const bad = [...found.flatMap((one) => one ?? []), ...overlapping(patient)];
  if (bad.length > 0) return bad;
  const words = doors.map(({ protocol, port }) => `${protocol} ${port}`).join(", ");
  if (patient.isRunning) return [fine(CHECK, `The server answers at ${words}.`)];
  return [
    note(
      CHECK,
      `No server is running on this folder; its ports (${words}) are free.`,
      "Start it with npm start, and ask again: more can be seen then.",
    ),
  ];
}

/** Undefined where it answers. What is closed here is closed for everybody. */
async function knock(door: Door, host: string): Promise<Finding | undefined> {
  const { what, protocol, port } = door;
  const why = protocol === "TCP" ? await connected(host, port) : await answered(door, host);
  if (why === undefined) return undefined;
  return wrong(
    CHECK,
    `${protocol} port ${port} (${what}) does not answer at ${host}: ${why}.`,
    "A firewall closes it, or the server could not have it (its log says so). Open it:",
    [`nft add rule inet filter input ${protocol.toLowerCase()} dport ${port} accept`],
  );
}

function connected(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (why?: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(why);
    };
    const timer = setTimeout(() => end("nothing comes back"), WAIT_MS);
    socket.once("connect", () => end());
    socket.once("error", (cause: NodeJS.ErrnoException) =>
      end(cause.code === "ECONNREFUSED" ? "nobody listens there" : cause.message),
    );
  });
}

async function answered({ port, what }: Door, host: string): Promise<string | undefined> {
  if (what === "SIP") return optionsAnswered(host, port);
  const seen = await askStun({ host, port }, isIPv6(host) ? 6 : 4, host);
  return seen.ok ? undefined : seen.why;
}

/** Any answer will do, a refusal among them. */
function optionsAnswered(host: string, port: number): Promise<string | undefined> {
  const socket = createSocket(isIPv6(host) ? "udp6" : "udp4");
  const shown = isIPv6(host) ? `[${host}]` : host;
  return new Promise((resolve) => {
    const end = (why?: string): void => {
      clearTimeout(timer);
      clearInterval(again);
      socket.close();
      resolve(why);
    };
    const timer = setTimeout(() => end("nothing comes back"), WAIT_MS);
    let again: NodeJS.Timeout | undefined;
    socket.once("error", (cause) => end(cause.message));
    socket.once("message", () => end());
    socket.bind({ port: 0, address: host }, () => {
      const own = `${shown}:${socket.address().port}`;
      const id = Math.random().toString(36).slice(2);
      const request = [
        `OPTIONS sip:${shown}:${port} SIP/2.0`,
        `Via: SIP/2.0/UDP ${own};rport;branch=z9hG4bK-doctor-${id}`,
        "Max-Forwards: 0",
        `From: <sip:doctor@${own}>;tag=${id}`,
        `To: <sip:${shown}:${port}>`,
        `Call-ID: ${id}`,
        "CSeq: 1 OPTIONS",
        "Content-Length: 0",
        ...["", ""],
      ].join("\r\n");
      const send = () => socket.send(request, port, host, (cause) => cause && end(cause.message));
      send();
      again = setInterval(send, 500);
    });
  });
}

/** Undefined where it is to be had. */
async function tryToBind(door: Door, host: string): Promise<Finding | undefined> {
  const { what, protocol, port, flag } = door;
  if (port === 0) return undefined;
  const code = protocol === "TCP" ? await boundTcp(host, port) : await boundUdp(host, port);
  if (code === undefined || code === "EADDRNOTAVAIL") return undefined;
  const another = port + 10 <= 65_535 ? port + 10 : port - 10;
  if (code === "EACCES") {
    return wrong(
      CHECK,
      `${protocol} port ${port} (${what}) is kept by the system for its administrator.`,
      `Take one over 1023: npm start -- ${flag} ${another + 8000}`,
    );
  }
  return wrong(
    CHECK,
    `${protocol} port ${port} (${what}) is already used by another program (${code}).`,
    `Stop it, or choose another: npm start -- ${flag} ${another}`,
  );
}

function boundTcp(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code ?? "?"));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

function boundUdp(host: string, port: number): Promise<string | undefined> {
  const socket = createSocket(isIPv6(host) ? "udp6" : "udp4");
  return new Promise((resolve) => {
    socket.once("error", ({ code }: NodeJS.ErrnoException) => {
      socket.close();
      resolve(code ?? "?");
    });
    socket.bind({ address: host, port, exclusive: true }, () =>
      socket.close(() => resolve(undefined)),
    );
  });
}

function overlapping({ ports, settings: { mediaPorts } }: Patient): readonly Finding[] {
  const { from, to } = mediaPorts;
  const inside = [ports.sip, ports.turn].filter(
    (port) => port !== undefined && port >= from && port <= to,
  );
  if (inside.length === 0) return [];
  return [
    wrong(
      CHECK,
      `Media take UDP ports from ${from} to ${to}, and ${inside.join(", ")} is one of them.`,
      "Give media others: npm start -- --media-ports 30000-39999",
    ),
  ];
}
