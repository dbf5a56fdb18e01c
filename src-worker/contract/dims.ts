// Sizes of tensors, the same for graphs, files and plans.

/** Numbers in a tensor of these dims; 1 for a scalar. */
export const elements = (dims: readonly number[]): number => dims.reduce((n, d) => n * d, 1)
