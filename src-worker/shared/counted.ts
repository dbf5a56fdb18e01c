/** '1 run', '3 runs', '1 loss', '2 losses'. */
export const counted = (n: number, one: string, many = `${one}s`): string =>
  `${n} ${n === 1 ? one : many}`
