// What one check of the machine found.

/** One thing that CUDA needs; fix is there when it is missing. */
export interface Finding {
  readonly name: string
  readonly ok: boolean
  readonly found: string
  readonly fix: string | null
}
