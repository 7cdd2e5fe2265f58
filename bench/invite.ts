/** An INVITE as a phone sends it to its outbound proxy, with a description: about 700 bytes. */
const description = [
  "v=0",
  "o=alice 53655765 2353687637 IN IP4 192.0.2.1",
  "s=-",
  "c=IN IP4 192.0.2.1",
  "t=0 0",
  "m=audio 49170 RTP/AVP 0 8 101",
  "a=rtpmap:0 PCMU/8000",
  "a=rtpmap:8 PCMA/8000",
  "a=rtpmap:101 telephone-event/8000",
  "",
].join("\r\n");

export const invite: string = [
  "INVITE sip:bob@example.com SIP/2.0",
  "Via: SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bK776asdhds;rport",
  "Route: <sip:198.51.100.1:5060;lr>",
  "Max-Forwards: 70",
  'From: "Alice" <sip:alice@example.com>;tag=1928301774',
  "To: <sip:bob@example.com>",
  "Call-ID: a84b4c76e66710@192.0.2.1",
  "CSeq: 314159 INVITE",
  "Contact: <sip:alice@192.0.2.1:5062>",
  "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, REFER, NOTIFY",
  "Supported: replaces, timer",
  "User-Agent: Desk Phone 1.2",
  "Content-Type: application/sdp",
  `Content-Length: ${description.length}`,
  "",
  description,
].join("\r\n");
