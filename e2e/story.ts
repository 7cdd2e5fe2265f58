import type { Stage } from "./stage.ts";

/** One thing people do, told from their side. */
export interface Story {
  /** A sentence that is true if the story goes well. */
  readonly name: string;
  /** Told again and again with `--full`. */
  readonly isCall?: boolean;
  /** Throws in words if it does not go well; otherwise tells its figures. */
  tell(stage: Stage): Promise<readonly string[]>;
}
