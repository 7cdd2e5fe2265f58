/** The product token of `Server` and `User-Agent`, RFC 3261 §20.35. */
export const PRODUCT = "Carillon/0.1.0";
