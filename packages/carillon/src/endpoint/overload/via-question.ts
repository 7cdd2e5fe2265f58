/** What goes into our Via where the next hop is a server that may ask for less. RFC 7339 §4.1. */

//= RFC 7339 §4.1
//# A SIP client MUST add an "oc" parameter to the topmost Via header it inserts into every SIP
//# request.
//= RFC 7339 §4.2
//# A SIP client MUST support the loss-based overload control scheme and MUST insert at least the
//# token "loss" as one of the "oc-algo" parameter values.
/**
 * Parameters of a Via, the first semicolon among them. Not "loss,rate", which RFC 7415 §3.3 wants:
 * Kamailio (5.6) takes a comma for the end of a Via, though it is quoted, and drops the request.
 */
export const ASKS_FOR_LOAD = ';oc;oc-algo="loss"';
