// A share as people read it.
/** 0.456 → '46 %'; with one digit '45.6 %'. */
export const percent = (share: number, digits = 0): string => `${(share * 100).toFixed(digits)} %`
