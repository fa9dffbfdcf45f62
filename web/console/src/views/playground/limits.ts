// How much of each thing the playground keeps. A plugin that goes on for ever fills one of these and nothing else.

export const DOCUMENT_BYTES_MAX = 2_000_000;
export const PLUGINS_MAX = 50;
export const SIGNALS_MAX = 1_000;
export const SIGNAL_VALUE_CHARACTERS_MAX = 10_000;
export const LINK_CHARACTERS_MAX = 32_000;
export const LOG_LINES_MAX = 500;
export const LOG_LINE_CHARACTERS_MAX = 2_000;
export const NAME_CHARACTERS_MAX = 100;
/** For how long widgets may take to end before their frame is removed. */
export const ENDING_MS = 2_000;
