export const hasReference: boolean
/** Test files to leave out, relative to the repository; none where the data is there. */
export function leftOut(): string[]
