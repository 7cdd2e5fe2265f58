/** The program's location service, for whoever measures it. */
export { HouseLocation } from "./house-location.ts";
export { WriteQueue } from "./write-queue.ts";
