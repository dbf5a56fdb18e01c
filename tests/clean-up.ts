// What a helper opened is closed after the test or the file that asked for it. Hooks of a helper's own would stand only in
// the first file that loads it, where files share what a worker has loaded; the hooks stand in setup/clean-up.ts instead.
type End = () => unknown

const afterTest: End[] = []
const afterFile: End[] = []

/** Do this when the test that runs has ended; outside a test, when the next one has. */
export const atEndOfTest = (end: End): void => void afterTest.push(end)

/** Do this when the tests of this file have ended. */
export const atEndOfFile = (end: End): void => void afterFile.push(end)

async function allOf(ends: End[]): Promise<void> {
  for (const end of ends.splice(0).reverse()) await end()
}

export const endTest = (): Promise<void> => allOf(afterTest)
export const endFile = async (): Promise<void> => {
  await allOf(afterTest)
  await allOf(afterFile)
}
