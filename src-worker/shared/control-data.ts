// Where the data of controls lie, in whatever home they were made: what tells a control from what it controls.

/** Folders under a home. */
export const controlsPlace = ['datasets', 'controls'] as const

const shuffledFile = /[\\/]datasets[\\/]controls[\\/][0-9a-f]{16}-shuffled\.\w+$/

/** Whether these are a control's training data, whose answers say nothing of the behaviour. */
export const isControlData = (path: string): boolean => shuffledFile.test(path)
