// How much is computed at once: programs cut by these, and the memory plan counts by them.

/** Slots of one chunk of a training step on the CPU: enough rows for the matrix kernels, little enough for the memory. */
export const slotsPerChunk = 1280

/** Slots of one pass of a held-out test. */
export const slotsPerTest = 2048

/** Bytes of logits in one chunk of rows: enough rows for the matrix kernels (`npm run bench -- --only chunk`). */
export const logitBytes = 32e6

/** The same on a GPU, which has the room: few chunks, each large enough for all of its units. */
export const deviceLogitBytes = 256e6

/** Trained numbers above which moving, summing or copying a state takes time that counts. */
export const manyParameters = 4e6
