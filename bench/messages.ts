/**
 * What a proxy does with an INVITE, beside the parsers of other SIP libraries from npm, in one run.
 *
 * Read: from a datagram's bytes to what a proxy needs to decide. Each library gives, by its own
 * means: method and Request-URI with user and host; of the topmost Via the sent-by and the branch;
 * the URIs and tags of From and To; Call-ID; CSeq's number and method; the number in Max-Forwards;
 * the Route list with its URIs parsed; the number in Content-Length.
 *
 * Forward: all that, and the bytes of what goes on: a Via on top and `received` in the one below, a
 * Record-Route, our Route taken out, another Request-URI, one hop less. For those libraries that
 * can write a message at all.
 */
import { contenders } from "./contenders.ts";
import { invite } from "./invite.ts";
import { compare } from "./measure.ts";

console.log(`An INVITE of ${invite.length} bytes.\n`);
compare("read", contenders);
compare("forward", contenders);
