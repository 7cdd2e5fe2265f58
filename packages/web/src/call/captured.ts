/** What the browser has given to a call so far: nothing while it still asks the person. */
import type { WebMedia } from "carillon";

export const hasMicrophone = ({ local }: WebMedia): boolean => local.getAudioTracks().length > 0;

export const hasCamera = ({ local }: WebMedia): boolean => local.getVideoTracks().length > 0;
