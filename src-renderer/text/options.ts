// Texts that the engine writes for the window and the command line alike.

/** Without what only the command line has: "name both (--prompt-field)" → "name both" */
export const withoutOptions = (text: string): string =>
  text.replace(/ \(--[a-z-]+(?:, --[a-z-]+)*\)/g, '')
