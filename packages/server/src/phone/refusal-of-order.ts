/** Why an order cannot be carried out, by a code for scripts and in words for people. */
export class OrderRefused extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "OrderRefused";
    this.code = code;
  }
}
