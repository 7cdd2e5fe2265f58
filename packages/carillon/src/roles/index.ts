/** Servers: proxy, registrar. `carillon/roles`. */
export type { Accounts, Device } from "./accounts.ts";
export { type Answer, Pending, StoreBusy } from "./answer.ts";
export type { CallAnswered, CallEnded, Calls } from "./calls-told.ts";
export { CONTACT_KINDS, type ContactKind, REFUSED_CONTACTS } from "./contact-kinds.ts";
export { GONE } from "./cookie.ts";
export { type DomainOptions, domain, type LogEntry } from "./domain.ts";
export { type Forwarding, forwardRequest, forwardResponse } from "./forward.ts";
export { type Binding, type Location, MemoryLocation } from "./location.ts";
export type { Alternative, Asked, Decision, Policy, Route } from "./policy.ts";
export { MAX_EXPIRES_SECONDS } from "./register.ts";
/** The response context of a forking proxy, as a machine. RFC 3261 §16.7. */
export * as responseContext from "./response-context.ts";
export { responseContext as responseContextPicture } from "./response-context-picture.ts";
export { canBeDialled } from "./target.ts";
