// What a line chart is reported: plain data, no ECharts.

export interface ChartSeries {
  readonly id: string
  readonly name: string
  /** index of a series colour, 1…7 */
  readonly colour: number
  readonly x: readonly number[]
  readonly y: readonly number[]
  /** drawn in front; y then lies faintly behind */
  readonly smooth?: readonly number[]
  /** of the same length as x */
  readonly band?: { readonly low: readonly number[]; readonly high: readonly number[] }
  /** x of points that were not finite: triangles at the bottom */
  readonly notFinite?: readonly number[]
  /** x of restarts: vertical marks */
  readonly restarts?: readonly number[]
  readonly dots?: boolean
  /** indices of points drawn hollow, for instance because they did not converge */
  readonly hollow?: readonly number[]
  readonly dashed?: boolean
  /** of its points, where several series share a colour; default: circle */
  readonly symbol?: 'circle' | 'diamond' | 'rect' | 'pin'
}

export interface ChartAxis {
  readonly name: string
  /** tokens: 0, 1, 2, 4, … evenly apart, labelled where there are points */
  readonly scale: 'linear' | 'log' | 'tokens'
  readonly min?: number
  readonly max?: number
  /** of a tokens axis: also labelled, before there are points */
  readonly places?: readonly number[]
  /** only whole numbers: no ticks between them */
  readonly whole?: boolean
  readonly format?: (value: number) => string
}

export interface LineChartSpec {
  /** what is shown, with its unit: "Loss, nats per token" */
  readonly label: string
  readonly series: readonly ChartSeries[]
  readonly x: ChartAxis
  readonly y: ChartAxis
  /** horizontal lines, for instance a threshold */
  readonly levels?: readonly { readonly y: number; readonly label: string }[]
  /** drawn thicker; the others step back */
  readonly strong?: string
}

/** Where a soft prompt length lies on a `tokens` axis. */
export const tokenPlace = (tokens: number): number => (tokens <= 0 ? 0 : 1 + Math.log2(tokens))

/** Where a value lies on its axis, in the axis's own numbers. */
export const placeOf = (value: number, axis: ChartAxis): number =>
  axis.scale === 'tokens' ? tokenPlace(value) : value

/** Undoes tokenPlace. */
export const tokensAt = (place: number): number => (place < 1 ? 0 : Math.round(2 ** (place - 1)))

export interface LineLook {
  /** a small chart: two labels an axis, no room around */
  readonly small?: boolean
  /** zoomed part of x */
  readonly view?: readonly [from: number, to: number] | null
}
