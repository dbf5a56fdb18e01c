// One record of a dataset before tokenising, whatever the experiment.

export interface RawRecord<Raw = unknown> {
  /** what decides on which side of the held-out split it falls: equal keys fall on the same side */
  readonly key: string
  /** about how much memory it takes */
  readonly bytes: number
  /** survives structured clone */
  readonly raw: Raw
}
