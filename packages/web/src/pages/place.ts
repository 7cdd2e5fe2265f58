/** Where in the house somebody is: which list, and what of it is on the stage. */

export interface Place {
  readonly tab: "People" | "Chat";
  /** Whom the stage shows, by their name in the house. */
  readonly person?: string;
  /** The conversation on the stage, by its address. */
  readonly conversation?: string;
  /** The message in it to go to. */
  readonly item?: string;
}

export const home: Place = { tab: "People" };

/** Whether the stage shows something that a phone has no room for beside the list. */
export const isOnStage = ({ tab, person, conversation }: Place): boolean =>
  tab === "People" ? person !== undefined : conversation !== undefined;

/** The list alone; on a desk the stage is empty then. */
export const withoutStage = ({ tab }: Place): Place => ({ tab });
