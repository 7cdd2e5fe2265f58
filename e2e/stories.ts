/** The stories, in the order in which they are told: the main job first. */
import { accessible } from "./stories/accessible.ts";
import { accessibleCalls } from "./stories/accessible-calls.ts";
import { addressChange } from "./stories/address-change.ts";
import { badInvite } from "./stories/bad-invite.ts";
import { browserInputs } from "./stories/browser-inputs.ts";
import { browserWays } from "./stories/browser-ways.ts";
import { calleeOffline } from "./stories/callee-offline.ts";
import { callerCancels } from "./stories/caller-cancels.ts";
import { chatPicture } from "./stories/chat-files.ts";
import { chatGroup, chatPhone } from "./stories/chat-group.ts";
import { chatKeyboard } from "./stories/chat-keyboard.ts";
import { chatOffline } from "./stories/chat-offline.ts";
import { chatAccessible, chatDialogsAccessible, chatPhoneWidth } from "./stories/chat-screens.ts";
import { chatSearch } from "./stories/chat-search.ts";
import { chatTwo } from "./stories/chat-two.ts";
import { chatVoice } from "./stories/chat-voice.ts";
import { closedPage } from "./stories/closed-page.ts";
import { decline } from "./stories/decline.ts";
import { deskPhone } from "./stories/desk-phone.ts";
import { devices } from "./stories/devices.ts";
import { holdStory } from "./stories/hold.ts";
import { hostileStrings } from "./stories/hostile-strings.ts";
import { keyboard } from "./stories/keyboard.ts";
import { mute } from "./stories/mute.ts";
import { nodePhone } from "./stories/node-phone.ts";
import { phoneWidth } from "./stories/phone-width.ts";
import { presenceStory } from "./stories/presence.ts";
import { reload } from "./stories/reload.ts";
import { secondCaller } from "./stories/second-caller.ts";
import { serverKilled } from "./stories/server-killed.ts";
import { serverRestart } from "./stories/server-restart.ts";
import { terminalPhone } from "./stories/terminal-phone.ts";
import { threeWay, transferStory } from "./stories/three-way.ts";
import { twoDevices } from "./stories/two-devices.ts";
import { twoPeopleOneBrowser } from "./stories/two-people-one-browser.ts";
import { videoCall } from "./stories/video-call.ts";
import { voiceCall } from "./stories/voice-call.ts";
import type { Story } from "./story.ts";

export const stories: readonly Story[] = [
  videoCall,
  decline,
  closedPage,
  calleeOffline,
  twoDevices,
  mute,
  voiceCall,
  callerCancels,
  secondCaller,
  holdStory,
  devices,
  threeWay,
  transferStory,
  reload,
  badInvite,
  hostileStrings,
  keyboard,
  phoneWidth,
  deskPhone,
  accessible,
  accessibleCalls,
  serverRestart,
  serverKilled,
  addressChange,
  twoPeopleOneBrowser,
  browserWays,
  browserInputs,
  nodePhone,
  terminalPhone,
  chatTwo,
  chatPhone,
  chatPicture,
  chatVoice,
  chatOffline,
  chatGroup,
  chatSearch,
  presenceStory,
  chatAccessible,
  chatDialogsAccessible,
  chatPhoneWidth,
  chatKeyboard,
];
