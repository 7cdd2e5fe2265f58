/** What a phone in the terminal wants of its media, beside what every call does. */
import type { Sink, Source, VoiceStatistics } from "carillon/rtp";
import type { MediaSession } from "carillon/ua";

export interface DeskMedia extends MediaSession {
  /** Where what is said comes from, and where what is heard goes to; either can change any time. */
  source: Source | undefined;
  sink: Sink | undefined;
  /** Whether they hear nothing of what is said here. */
  muted: boolean;
  /** Whether sound is encrypted on its way. */
  readonly isEncrypted: boolean;
  /** The last second's; undefined before the first. */
  readonly statistics: VoiceStatistics | undefined;
}
