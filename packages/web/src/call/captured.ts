/** What the browser has given to a call so far: nothing while it still asks the person. */
import type { WebMedia } from "carillon";

export const hasMicrophone = ({ local }: WebMedia): boolean => local.getAudioTracks().length > 0;

/** Also while the camera is off: then it is to be turned on again. */
export const hasCamera = ({ hasCamera }: WebMedia): boolean => hasCamera;
