/** What two phones say in a call through a proxy, as octets. Their work is not measured. */

const DESCRIPTION = [
  "v=0",
  "o=- 53655765 2353687637 IN IP4 192.0.2.1",
  "s=-",
  "c=IN IP4 192.0.2.1",
  "t=0 0",
  "m=audio 49170 RTP/AVP 0 101",
  "a=rtpmap:0 PCMU/8000",
  "a=rtpmap:101 telephone-event/8000",
  "",
].join("\r\n");

const withBody = (lines: readonly string[]): string =>
  [
    ...lines,
    "Content-Type: application/sdp",
    `Content-Length: ${DESCRIPTION.length}`,
    "",
    DESCRIPTION,
  ].join("\r\n");
const withoutBody = (lines: readonly string[]): string =>
  [...lines, "Content-Length: 0", "", ""].join("\r\n");

const linesOf = (text: string, ...names: readonly string[]): string[] =>
  text.split("\r\n").filter((line) => names.some((name) => line.startsWith(`${name}: `)));

export const inviteTo = (user: string, call: number): string =>
  withBody([
    `INVITE sip:${user}@house.example SIP/2.0`,
    `Via: SIP/2.0/UDP 198.51.100.7:5062;branch=z9hG4bK-${call}-i;rport`,
    "Max-Forwards: 70",
    `From: "Caller" <sip:caller@house.example>;tag=a${call}`,
    `To: <sip:${user}@house.example>`,
    `Call-ID: ${call}-8f0e2c@198.51.100.7`,
    "CSeq: 1 INVITE",
    "Contact: <sip:caller@198.51.100.7:5062>",
    "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS",
    "User-Agent: Phone 1.2",
  ]);

/** Of the callee to what it received. */
export function answerTo(request: string, status: number, phrase: string): string {
  const kept = linesOf(request, "Via", "Record-Route", "From", "Call-ID", "CSeq");
  const [to = ""] = linesOf(request, "To");
  const tagged = to.includes(";tag=") ? to : `${to};tag=b`;
  const lines = [`SIP/2.0 ${status} ${phrase}`, ...kept, tagged];
  const contact = "Contact: <sip:callee@198.51.100.9:5064>";
  const isAnswer = status === 200 && request.startsWith("INVITE");
  return isAnswer ? withBody([...lines, contact]) : withoutBody([...lines, contact]);
}

/** Of the caller, to a 200 that it received. */
export function inDialog(answer: string, method: "ACK" | "BYE", call: number): string {
  const routes = linesOf(answer, "Record-Route").map((line) => line.slice("Record-".length));
  return withoutBody([
    `${method} sip:callee@198.51.100.9:5064 SIP/2.0`,
    `Via: SIP/2.0/UDP 198.51.100.7:5062;branch=z9hG4bK-${call}-${method};rport`,
    ...routes,
    "Max-Forwards: 70",
    ...linesOf(answer, "From", "To", "Call-ID"),
    `CSeq: ${method === "ACK" ? 1 : 2} ${method}`,
    "User-Agent: Phone 1.2",
  ]);
}

/** Of a device of `user`, which calls itself `n`. */
export const registerFor = (user: string, n: number): string =>
  withoutBody([
    "REGISTER sip:house.example SIP/2.0",
    `Via: SIP/2.0/UDP 198.51.100.7:5062;branch=z9hG4bK-${n}-register;rport`,
    "Max-Forwards: 70",
    `From: <sip:${user}@house.example>;tag=r${n}`,
    `To: <sip:${user}@house.example>`,
    `Call-ID: ${n}-register-8f0e2c@198.51.100.7`,
    "CSeq: 1 REGISTER",
    `Contact: <sip:${user}-${n}@198.51.100.7:5062;transport=udp>`,
    "Expires: 600000",
  ]);
