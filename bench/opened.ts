// What a work of the benchmark gives once it is open.

/** Numbers of one measurement, by name; `ms` or `perSecond` among them. */
export type Figures = Readonly<Record<string, number>>

export interface Opened {
  /** numbers known before the first measurement, `openingMs` among them */
  readonly opened: Figures
  measure(): Promise<Figures>
  release(): Promise<void>
}
