/** What goes into our Via where the next hop is a server that may ask for less. RFC 7339 §4.1. */

//= RFC 7339 §4.1
//# A SIP client MUST add an "oc" parameter to the topmost Via header it inserts into every SIP
//# request.
//= RFC 7339 §4.2
//# A SIP client MUST support the loss-based overload control scheme and MUST insert at least the
//# token "loss" as one of the "oc-algo" parameter values.
//= RFC 7339 §4.2
//# A SIP client MUST add an "oc-algo" parameter to the topmost Via header it inserts into every SIP
//# request, with a default value of "loss".
//= RFC 7339 §4.3
//# This parameter MAY be inserted by the SIP server in a response; it MUST NOT be inserted by the
//# SIP client in a request.
//= RFC 7339 §5.1
//# If a client determines that this is the first contact with a server, the client MUST insert the
//# "oc" parameter without any value and MUST insert the "oc-algo" parameter with a list of
//# algorithms it supports. This list MUST include "loss" and MAY include other algorithm names
//# approved by IANA and described in corresponding documents.
//= RFC 7339 §5.2
//# The "oc-validity" and "oc-seq" Via header parameters are only defined in SIP responses and MUST
//# NOT be used in SIP requests.
/**
 * Parameters of a Via, the first semicolon among them. Not "loss,rate", which RFC 7415 §3.3 wants:
 * Kamailio (5.6) takes a comma for the end of a Via, though it is quoted, and drops the request.
 */
export const ASKS_FOR_LOAD = ';oc;oc-algo="loss"';
