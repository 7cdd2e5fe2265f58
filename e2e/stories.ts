/** The stories, in the order in which they are told: the main job first. */
import { videoCall } from "./stories/video-call.ts";
import type { Story } from "./story.ts";

export const stories: readonly Story[] = [videoCall];
