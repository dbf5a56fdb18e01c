// Where the data of controls lie, in whatever home they were made: what tells a control from what it controls.

/** Folders under a home. */
export const controlsPlace = ['datasets', 'controls'] as const

/** snapshots keep the name alone */
const shuffledFile = new RegExp(
  String.raw`(?:^|[\\/]${controlsPlace.join(String.raw`[\\/]`)}[\\/])[0-9a-f]{16}-shuffled\.\w+$`,
)

/** Whether these are a control's training data, whose answers say nothing of the behaviour. */
export const isControlData = (path: string): boolean => shuffledFile.test(path)

/** What the control of a run is called. */
export const controlName = (run: string): string => `Control of ${run}`
