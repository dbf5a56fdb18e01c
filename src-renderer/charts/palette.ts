// The colours of the theme as a chart needs them: a canvas cannot read CSS variables.
import { computed } from 'vue'
import { useSettings } from '../stores/settings'

export interface Palette {
  readonly text: string
  readonly muted: string
  readonly line: string
  readonly panel: string
  readonly raised: string
  readonly accent: string
  readonly bad: string
  readonly font: string
  /** seven colours that colour-blind people can distinguish */
  readonly series: readonly string[]
}

function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement)
  const of = (name: string) => style.getPropertyValue(`--${name}`).trim()
  return {
    text: of('text'),
    muted: of('muted'),
    line: of('line'),
    panel: of('panel'),
    raised: of('raised'),
    accent: of('accent'),
    bad: of('bad'),
    font: of('font'),
    series: [1, 2, 3, 4, 5, 6, 7].map(i => of(`c${i}`)),
  }
}

/** Changes with the theme. */
export function usePalette() {
  const settings = useSettings()
  return computed(() => {
    void settings.theme
    return readPalette()
  })
}

/** Colour 1…7, going round. */
export const seriesColour = (palette: Palette, colour: number): string =>
  palette.series[(Math.max(1, colour) - 1) % palette.series.length] ?? palette.accent
